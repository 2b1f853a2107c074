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
 * What members of a gang report beside its first one is a series of its own each.
 * A step that is reported again (after a restart from a checkpoint) keeps its latest value.
 */
export function seriesOf(points: readonly MetricPoint[]): Map<string, Series> {
  const byName = new Map<string, Map<number, number | null>>();
  for (const { name: reported, rank, step, value } of points.toSorted((a, b) => a.seq - b.seq)) {
    const name = rank > 0 ? `${reported} [${rank}]` : reported;
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

/** A metric's name for people: `a__b` means `a/b`, since Python's keyword arguments can't have a slash. */
export const shownName = (name: string): string => name.replaceAll("__", "/");

/**
 * Names grouped by what stands before the first `/`. Names without one, and those that would be alone in their
 * group, come first under an empty title.
 */
export function groupMetrics(names: Iterable<string>): MetricGroup[] {
  const groups = new Map<string, MetricGroup>();
  for (const name of [...names].sort()) {
    const title = prefixOf(shownName(name));
    const group = groups.get(title) ?? { title, metrics: [] };
    groups.set(title, group);
    group.metrics.push({ name, label: shownName(name).slice(title === UNGROUPED ? 0 : title.length + 1) });
  }
  const isGroup = ({ title, metrics }: MetricGroup) => title !== UNGROUPED && metrics.length > 1;
  const single = [...groups.values()].filter((group) => !isGroup(group)).flatMap(({ metrics }) => metrics);
  const rest = single.map(({ name }) => ({ name, label: shownName(name) }));
  const grouped = [...groups.values()].filter(isGroup);
  return rest.length === 0 ? grouped : [{ title: UNGROUPED, metrics: rest }, ...grouped];
}

function prefixOf(name: string): string {
  const slash = name.indexOf("/");
  return slash > 0 && slash < name.length - 1 ? name.slice(0, slash) : UNGROUPED;
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
