import { type MetricSpec, metricSpecSchema } from "@podium/shared";
import type { Table } from "./cells.ts";

/** A metric with rows to score: columns of targets, of predictions, and weights or none. */
export interface Case {
  readonly spec: MetricSpec;
  /** One column, or several when the metric has several targets. */
  readonly target: readonly (number | string)[] | readonly (readonly number[])[];
  readonly prediction: readonly (number | string)[] | readonly (readonly number[])[];
  readonly weight: readonly number[] | null;
}

type Random = () => number;
const CLASSES = ["0", "1", "2", "3"];

/** Metrics that scikit-learn has too, in every form that is drawn below. */
export const SPECS: readonly object[] = [
  ...["mse", "rmse", "mae", "r2", "mape"].flatMap((name) => [{ name }, { name, target_fields: ["y", "z"] }]),
  { name: "accuracy" },
  { name: "mcc" },
  ...["none", "linear", "quadratic"].map((weights) => ({ name: "kappa", weights })),
  ...["precision", "recall", "f1", "fbeta"].flatMap((name) =>
    ["binary", "macro", "micro", "weighted", "samples", "sets-macro", "sets-micro", "sets-weighted"].map(
      (average) => ({
        name,
        average: average.replace("sets-", ""),
        ...(average.startsWith("sets-") ? { separator: " " } : {}),
        ...(name === "fbeta" ? { beta: 0.5 } : {}),
      }),
    ),
  ),
  { name: "roc_auc" },
  { name: "roc_auc", classes: CLASSES },
  { name: "roc_auc", classes: CLASSES, average: "weighted" },
  { name: "log_loss" },
  { name: "log_loss", classes: CLASSES },
  { name: "top_k", k: 1, classes: CLASSES },
  { name: "top_k", k: 2, classes: CLASSES },
];

/** A case of each metric, of 4 to 200 rows, every other one with weights; many ties, some perfect rows. */
export function drawCase(metric: object, random: Random): Case {
  const spec = metricSpecSchema.parse(metric);
  const rows = 4 + Math.floor(random() * 197);
  const list = <T>(of: (row: number) => T) => Array.from({ length: rows }, (_, row) => of(row));
  const weight =
    random() < 0.5 ? null : list(() => (random() < 0.5 ? Math.ceil(random() * 5) : random() * 3));
  return { spec, weight, ...drawColumns(spec, list, random) };
}

function drawColumns(spec: MetricSpec, list: <T>(of: (row: number) => T) => T[], random: Random) {
  if ("target_fields" in spec || NUMBERS.includes(spec.name)) {
    const size = 10 ** Math.floor(random() * 9 - 4);
    const outputs = "target_fields" in spec && spec.target_fields ? spec.target_fields : ["y"];
    const target = outputs.map(() => list(() => (random() - 0.4) * size));
    const prediction = target.map((column) =>
      column.map((value) => (random() < 0.1 ? value : value + (random() - 0.5) * size)),
    );
    return { target, prediction };
  }
  if ("separator" in spec && spec.name !== "top_k" ? spec.separator || spec.average === "samples" : false) {
    const cell = () => CLASSES.filter(() => random() < 0.4).join(" ");
    return { target: list(cell), prediction: list(cell) };
  }
  const draw = () => CLASSES[Math.floor(random() * CLASSES.length)] as string;
  if ("average" in spec && spec.average === "binary") {
    // Every class occurs on both sides: scikit-learn takes only two classes as binary.
    const two = () => (random() < 0.5 ? "1" : "0");
    return { target: list((row) => (row < 2 ? String(row) : two())), prediction: list(two) };
  }
  const target = list((row) => CLASSES[row] ?? draw());
  if (!("classes" in spec) && spec.name !== "roc_auc" && spec.name !== "log_loss") {
    return { target, prediction: target.map((label) => (random() < 0.6 ? label : draw())) };
  }
  const coarse = random() < 0.5 ? 4 : 1e6;
  const score = () => Math.round(random() * coarse) / coarse;
  const classes = "classes" in spec ? spec.classes : undefined;
  if (!classes) {
    return { target: target.map((label) => String(Number(label) % 2)), prediction: list(score) };
  }
  const columns = classes.map(() => list(() => score() + 0.01));
  const sums = list((row) => columns.reduce((sum, column) => sum + (column[row] as number), 0));
  const prediction =
    spec.name === "log_loss"
      ? columns.map((column) => column.map((value, row) => value / (sums[row] as number)))
      : columns;
  return { target, prediction };
}

const NUMBERS = ["mse", "rmse", "mae", "r2", "mape"];

/** The spec with its columns named, and the columns. */
export function tableOf({ spec, target, prediction, weight }: Case): { metric: object; table: Table } {
  const outputs = (columns: Case["target"], names: readonly string[]) =>
    Array.isArray(columns[0])
      ? Object.fromEntries(names.map((name, at) => [name, columns[at] as readonly number[]]))
      : { [names[0] as string]: columns as readonly string[] };
  const targets = ("target_fields" in spec && spec.target_fields) || ["y"];
  const classes = "classes" in spec && spec.classes ? spec.classes.map((name) => `p_${name}`) : undefined;
  const predictions = outputs(prediction, classes ?? (targets.length > 1 ? targets : ["prediction"]));
  const weights = weight ? { w: weight } : {};
  return {
    metric: { ...spec, ...(weight ? { weight_field: "w" } : {}) },
    table: { labels: { ...outputs(target, targets), ...weights }, predictions },
  };
}
