import type { MetricSpec } from "@podium/shared";
import {
  labelsColumn,
  predictionOf,
  predictionsColumn,
  present,
  type RoundColumns,
  targetOf,
  weightOf,
  weightsIn,
} from "./columns.ts";
import { type Cells, type Plan, UndefinedScore, type WantedColumn } from "./plan.ts";
import { meanOver, sumOver } from "./sum.ts";

type NumberSpec = Extract<
  MetricSpec,
  { name: "mse" | "rmse" | "mae" | "r2" | "mape" | "smape" | "mase" | "accuracy_within" }
>;
type Term = (target: number, prediction: number, row: number) => number;

/** The smallest |target| that a percentage is taken of: scikit-learn's `numpy.finfo(float64).eps`. */
const EPSILON = Number.EPSILON;

/** Metrics that compare numbers; over several targets, the mean of the targets' scores. */
export function numberPlan(spec: NumberSpec, round: RoundColumns): Plan {
  const outputs = outputsOf(spec, round);
  const weight = weightOf(spec);
  const scale =
    spec.name === "mase" && spec.scale_field !== undefined
      ? labelsColumn(spec.scale_field, "positive")
      : undefined;
  const columns = present([...outputs.flat(), weight, scale]);
  const mean = (cells: Cells, of: (target: Float64Array, prediction: Float64Array) => number) =>
    sumOver(outputs.length, (at) => {
      const [target, prediction] = outputs[at] as Output;
      return of(cells.numbers(target), cells.numbers(prediction));
    }) / outputs.length;

  if (spec.name === "r2") {
    return {
      columns,
      weight,
      score: (cells) => mean(cells, (target, prediction) => r2(target, prediction, weightsIn(cells, weight))),
    };
  }
  const finish = spec.name === "rmse" ? Math.sqrt : (value: number) => value;
  const termIn = (cells: Cells) => termOf(spec, scale ? cells.numbers(scale) : null);
  return {
    columns,
    weight,
    score: (cells) => {
      const term = termIn(cells);
      const weights = weightsIn(cells, weight);
      return mean(cells, (target, prediction) =>
        finish(
          meanOver(cells.rows, (row) => term(target[row] as number, prediction[row] as number, row), weights),
        ),
      );
    },
    ...(spec.name === "rmse" && outputs.length > 1
      ? {}
      : { rowValues: (cells: Cells) => rowMeans(cells, outputs, termIn(cells)) }),
  };
}

type Output = readonly [target: WantedColumn, prediction: WantedColumn];

function outputsOf(spec: NumberSpec, round: RoundColumns): Output[] {
  if (!spec.target_fields) return [[targetOf(spec, round, "number"), predictionOf(spec, round, "number")]];
  return spec.target_fields.map((name) => [
    labelsColumn(name, "number"),
    predictionsColumn([name], "number"),
  ]);
}

function rowMeans(cells: Cells, outputs: readonly Output[], term: Term): Float64Array {
  const values = new Float64Array(cells.rows);
  for (const [target, prediction] of outputs) {
    const [t, p] = [cells.numbers(target), cells.numbers(prediction)];
    for (let row = 0; row < cells.rows; row += 1)
      values[row] = (values[row] as number) + term(t[row] as number, p[row] as number, row) / outputs.length;
  }
  return values;
}

function termOf(spec: Exclude<NumberSpec, { name: "r2" }>, scales: Float64Array | null): Term {
  switch (spec.name) {
    case "mse":
    case "rmse":
      return (t, p) => (t - p) * (t - p);
    case "mae":
      return (t, p) => Math.abs(t - p);
    case "mape":
      return (t, p) => Math.abs(t - p) / Math.max(Math.abs(t), EPSILON);
    case "smape":
      return (t, p) => (t === p ? 0 : (2 * Math.abs(t - p)) / (Math.abs(t) + Math.abs(p)));
    case "mase": {
      const scale = spec.scale ?? 1;
      return scales
        ? (t, p, row) => Math.abs(t - p) / (scales[row] as number)
        : (t, p) => Math.abs(t - p) / scale;
    }
    case "accuracy_within": {
      const { tolerance, period } = spec;
      if (period === undefined) return (t, p) => (Math.abs(t - p) <= tolerance ? 1 : 0);
      return (t, p) => {
        const apart = Math.abs(t - p) % period;
        return Math.min(apart, period - apart) <= tolerance ? 1 : 0;
      };
    }
  }
}

/** 1 − Σ(t − p)² / Σ(t − mean t)². A constant target: 1 when it is met exactly, else 0, as scikit-learn. */
function r2(target: Float64Array, prediction: Float64Array, weights: Float64Array | null): number {
  const rows = target.length;
  if (rows < 2) throw new UndefinedScore("R² needs at least two rows");
  const w = (row: number) => (weights ? (weights[row] as number) : 1);
  const left = sumOver(rows, (row) => w(row) * ((target[row] as number) - (prediction[row] as number)) ** 2);
  if (isConstant(target, weights)) return left === 0 ? 1 : 0;
  const mean = meanOver(rows, (row) => target[row] as number, weights);
  const spread = sumOver(rows, (row) => w(row) * ((target[row] as number) - mean) ** 2);
  return spread === 0 ? (left === 0 ? 1 : 0) : 1 - left / spread;
}

/** Compared as they are: the mean of equal numbers may differ from them in its last bit. */
function isConstant(target: Float64Array, weights: Float64Array | null): boolean {
  let first: number | undefined;
  for (let row = 0; row < target.length; row += 1) {
    if (weights && weights[row] === 0) continue;
    first ??= target[row] as number;
    if (target[row] !== first) return false;
  }
  return true;
}
