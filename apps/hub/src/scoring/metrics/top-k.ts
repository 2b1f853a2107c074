import type { MetricSpec } from "@podium/shared";
import {
  predictionOf,
  predictionsColumn,
  present,
  type RoundColumns,
  targetOf,
  weightOf,
  weightsIn,
} from "./columns.ts";
import { areNumbers, canonical } from "./label-text.ts";
import type { Cells, Plan } from "./plan.ts";
import { placesOf } from "./scores.ts";
import { meanOver } from "./sum.ts";

type TopKSpec = Extract<MetricSpec, { name: "top_k" }>;

/** Share of rows whose label is among the k that were ranked first. */
export function topKPlan(spec: TopKSpec, round: RoundColumns): Plan {
  const target = targetOf(spec, round, "label");
  const weight = weightOf(spec);
  const { rankings, rowValues } = spec.classes
    ? byScores(spec, spec.classes, target)
    : byLists(spec, round, target);
  return {
    columns: present([target, weight, ...rankings]),
    weight,
    rowValues,
    score: (cells) => {
      const hits = rowValues(cells);
      return meanOver(cells.rows, (row) => hits[row] as number, weightsIn(cells, weight));
    },
  };
}

function byLists(spec: TopKSpec, round: RoundColumns, target: ReturnType<typeof targetOf>) {
  const ranking = predictionOf(spec, round, "text");
  const rowValues = (cells: Cells) => {
    const { codes, texts } = cells.labels(target);
    const numeric = areNumbers(texts);
    const names = texts.map((text) => canonical(text, numeric));
    return Float64Array.from(cells.texts(ranking), (cell, row) => {
      const ranked = cell.split(spec.separator).filter((label) => label.trim() !== "");
      const first = ranked.slice(0, spec.k).map((label) => canonical(label, numeric));
      return first.includes(names[codes[row] as number] as string) ? 1 : 0;
    });
  };
  return { rankings: [ranking], rowValues };
}

/** Of classes with equal scores the later one ranks higher, as in scikit-learn. */
function byScores(spec: TopKSpec, classes: readonly string[], target: ReturnType<typeof targetOf>) {
  const rankings = classes.map((name) => predictionsColumn([`${spec.score_prefix}${name}`], "number"));
  const rowValues = (cells: Cells) => {
    const columns = rankings.map((column) => cells.numbers(column));
    return Float64Array.from(placesOf(cells, target, classes), (place, row) => {
      const score = columns[place]?.[row] as number;
      let above = 0;
      for (const [at, column] of columns.entries()) {
        const other = column[row] as number;
        if (other > score || (other === score && at > place)) above += 1;
      }
      return above < spec.k ? 1 : 0;
    });
  };
  return { rankings, rowValues };
}
