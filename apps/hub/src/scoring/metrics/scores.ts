import type { MetricSpec } from "@podium/shared";
import { areaUnderRoc } from "./area-under-roc.ts";
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
import { type Cells, ColumnProblem, type Plan, UndefinedScore, type WantedColumn } from "./plan.ts";
import { meanOver, sumOver } from "./sum.ts";

type AucSpec = Extract<MetricSpec, { name: "roc_auc" }>;
type LogLossSpec = Extract<MetricSpec, { name: "log_loss" }>;

/** How far a row's probabilities may be from 1 in all: what numbers of four digits can miss it by. */
const SUM_TOLERANCE = 1e-3;

/** Area under the ROC curve of the positive label, or the mean over classes, each against the rest. */
export function aucPlan(spec: AucSpec, round: RoundColumns): Plan {
  const { target, weight, scores } = scoreColumns(spec, round, "number");
  return {
    columns: present([target, weight, ...scores]),
    weight,
    score: (cells) => {
      const weights = weightsIn(cells, weight);
      if (!spec.classes) {
        const isPositive = rowsOf(cells, target, spec.positive_label ?? "1");
        return areaUnderRoc(isPositive, cells.numbers(scores[0] as WantedColumn), weights);
      }
      placesOf(cells, target, spec.classes);
      const areas = spec.classes.map((name, at) => {
        const isPositive = rowsOf(cells, target, name);
        const area = areaUnderRoc(isPositive, cells.numbers(scores[at] as WantedColumn), weights);
        const support = sumOver(cells.rows, (row) => (isPositive[row] as number) * (weights?.[row] ?? 1));
        return { area, weight: spec.average === "macro" ? 1 : support };
      });
      const total = areas.reduce((sum, one) => sum + one.weight, 0);
      return areas.reduce((sum, one) => sum + one.area * one.weight, 0) / total;
    },
  };
}

/** Mean of −ln of the probability that was given to the label, kept within [ε, 1 − ε]. */
export function logLossPlan(spec: LogLossSpec, round: RoundColumns): Plan {
  const { target, weight, scores } = scoreColumns(spec, round, "probability");
  const rowValues = (cells: Cells) => {
    if (!spec.classes) {
      const isPositive = rowsOf(cells, target, spec.positive_label ?? "1");
      const given = cells.numbers(scores[0] as WantedColumn);
      return given.map((p, row) => loss(isPositive[row] === 1 ? p : 1 - p));
    }
    const places = placesOf(cells, target, spec.classes);
    const given = scores.map((column) => cells.numbers(column));
    return Float64Array.from(places, (place, row) => {
      let sum = 0;
      for (const column of given) sum += column[row] as number;
      if (Math.abs(sum - 1) > SUM_TOLERANCE) throw sumProblem(scores[0] as WantedColumn, sum);
      return loss(given[place]?.[row] as number);
    });
  };
  return {
    columns: present([target, weight, ...scores]),
    weight,
    rowValues,
    score: (cells) => {
      const values = rowValues(cells);
      return meanOver(cells.rows, (row) => values[row] as number, weightsIn(cells, weight));
    },
  };
}

function loss(probability: number): number {
  return -Math.log(Math.min(Math.max(probability, Number.EPSILON), 1 - Number.EPSILON));
}

function sumProblem(column: WantedColumn, sum: number) {
  const message = `has a row whose probabilities add up to ${sum}. Write probabilities that add up to 1 in every row.`;
  return new ColumnProblem(column, "class-sum", message);
}

function scoreColumns(spec: AucSpec | LogLossSpec, round: RoundColumns, kind: "number" | "probability") {
  const scores = spec.classes
    ? spec.classes.map((name) => predictionsColumn([`${spec.score_prefix}${name}`], kind))
    : [predictionOf(spec, round, kind)];
  return { target: targetOf(spec, round, "label"), weight: weightOf(spec), scores };
}

/** 1 for the rows that have this label. */
function rowsOf(cells: Cells, target: WantedColumn, label: string): Uint8Array {
  const { codes, texts } = cells.labels(target);
  const numeric = areNumbers(texts);
  const name = canonical(label, numeric);
  const isLabel = Uint8Array.from(texts, (text) => (canonical(text, numeric) === name ? 1 : 0));
  const rows = new Uint8Array(codes.length);
  for (let row = 0; row < rows.length; row += 1) rows[row] = isLabel[codes[row] as number] as number;
  return rows;
}

/**
 * Per row, the place of its label among the classes.
 * @throws UndefinedScore when a label is none of them
 */
export function placesOf(cells: Cells, target: WantedColumn, classes: readonly string[]): Uint32Array {
  const { codes, texts } = cells.labels(target);
  const numeric = areNumbers(texts);
  const names = classes.map((name) => canonical(name, numeric));
  const places = texts.map((text) => names.indexOf(canonical(text, numeric)));
  return Uint32Array.from(codes, (code) => {
    const place = places[code] as number;
    if (place < 0)
      throw new UndefinedScore("a row is labelled with a class that the metric's `classes` do not name");
    return place;
  });
}
