import type { MetricPoint } from "../../api/types.ts";

/** The points of one metric of one session, in the order of x; null is a value that was not a number. */
export interface Series {
  xs: number[];
  ys: (number | null)[];
}

export interface MetricGroup {
  title: string;
  metrics: { name: string; label: string }[];
}

/**
 * Series by metric name. x is the step; a metric that is reported without steps is counted 1, 2, 3 …
 * A step that is reported again (after a restart from a checkpoint) keeps its latest value.
 */
export function seriesOf(points: readonly MetricPoint[]): Map<string, Series> {
  const byName = new Map<string, Map<number, number | null>>();
  for (const { name, step, value } of points.toSorted((a, b) => a.seq - b.seq)) {
    const values = byName.get(name) ?? new Map<number, number | null>();
    byName.set(name, values);
    values.set(step ?? values.size + 1, value);
  }
  const series = new Map<string, Series>();
  for (const [name, values] of byName) {
    const pairs = [...values].sort(([a], [b]) => a - b);
    series.set(name, { xs: pairs.map(([x]) => x), ys: pairs.map(([, y]) => y) });
  }
  return series;
}

const UNGROUPED = "";

/**
 * Names grouped by what stands before the first `/`; names without one come first, under an empty title.
 * `a__b` counts as `a/b`: Python's keyword arguments can't have a slash.
 */
export function groupMetrics(names: Iterable<string>): MetricGroup[] {
  const groups = new Map<string, MetricGroup>();
  for (const name of [...names].sort()) {
    const shown = name.replaceAll("__", "/");
    const slash = shown.indexOf("/");
    const inGroup = slash > 0 && slash < shown.length - 1;
    const title = inGroup ? shown.slice(0, slash) : UNGROUPED;
    const group = groups.get(title) ?? { title, metrics: [] };
    groups.set(title, group);
    group.metrics.push({ name, label: inGroup ? shown.slice(slash + 1) : shown });
  }
  return [...groups.values()].sort((a, b) => Number(b.title === UNGROUPED) - Number(a.title === UNGROUPED));
}

/** Several series on one x axis, as a plot wants them: the union of all x, null where a series has no point. */
export function alignSeries(series: readonly Series[]): {
  xs: number[];
  ys: (number | null | undefined)[][];
} {
  const xs = [...new Set(series.flatMap((one) => one.xs))].sort((a, b) => a - b);
  const place = new Map(xs.map((x, index) => [x, index]));
  const ys = series.map((one) => {
    const column: (number | null | undefined)[] = new Array(xs.length).fill(undefined);
    for (const [index, x] of one.xs.entries()) column[place.get(x) ?? 0] = one.ys[index];
    return column;
  });
  return { xs, ys };
}
