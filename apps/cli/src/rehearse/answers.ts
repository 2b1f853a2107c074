import {
  type CompetitionDefinition,
  columnsOf,
  METRICS,
  type MetricSpec,
  type RoundDefinition,
} from "@podium/shared";
import type { Table } from "../read-table.ts";

/** Prediction files of a round that are made from its own labels, column by column. */
export interface Answers {
  idField: string;
  ids: string[];
  /** What the labels say; null where they can't be read here. */
  perfect: Map<string, string[]> | null;
  /** What somebody says who knows nothing: zeros, the most frequent label, one half. */
  constant: Map<string, string[]>;
  /** Names of columns that hold numbers. */
  numbers: string[];
}

type Scoring = Pick<CompetitionDefinition, "metric" | "columns">;
/** A column of predictions from the labels' cells. */
interface Answered {
  name: string;
  perfect: (labels: readonly string[]) => string[];
  constant: (labels: readonly string[]) => string;
  isNumber: boolean;
}

/**
 * What may be answered in a round: the columns that its built-in metrics read, or the target alone where a scorer of the
 * organizer's own reads the file. Ids are the inputs'; their labels are found by them.
 * @param labels  null: no table that is read here
 */
export function answersOf(
  scoring: Scoring,
  round: RoundDefinition,
  inputs: Table,
  labels: Table | null,
): Answers {
  const { id_field: idField, target_field } = round;
  const ids = inputs.rows.map(({ values }) => text(values[idField]));
  const rowOf = new Map(labels?.rows.map(({ values }) => [text(values[idField]), values]));
  const cells = (column: string) => (labels ? ids.map((id) => text(rowOf.get(id)?.[column])) : []);
  const found = new Map<string, { column: string; answered: Answered }>();
  for (const { metric } of columnsOf(scoring)) {
    if (metric.name === "custom" || metric.name === "computed") continue;
    for (const column of targetsOf(metric, target_field))
      for (const answered of columnsFor(metric, column))
        if (!found.has(answered.name)) found.set(answered.name, { column, answered });
  }
  if (found.size === 0) {
    const own = { name: target_field, perfect: asItIs, constant: ofTarget, isNumber: false };
    found.set(target_field, { column: target_field, answered: own });
  }
  const made = [...found.values()];
  return {
    idField,
    ids,
    perfect:
      labels && new Map(made.map(({ column, answered }) => [answered.name, answered.perfect(cells(column))])),
    constant: new Map(
      made.map(({ column, answered }) => [answered.name, ids.map(() => answered.constant(cells(column)))]),
    ),
    numbers: made.filter(({ answered }) => answered.isNumber).map(({ answered }) => answered.name),
  };
}

const text = (value: unknown) => (value === undefined || value === null ? "" : String(value));
const asItIs = (labels: readonly string[]) => [...labels];
const ofTarget = (labels: readonly string[]) =>
  labels.length > 0 && labels.every((label) => label !== "" && Number.isFinite(Number(label)))
    ? "0"
    : mostFrequent(labels);

function targetsOf(metric: MetricSpec, target: string): readonly string[] {
  if ("target_fields" in metric && metric.target_fields) return metric.target_fields;
  return [metric.target_field ?? target];
}

function columnsFor(metric: MetricSpec, column: string): Answered[] {
  const name = metric.prediction_field ?? column;
  const { values } = METRICS[metric.name];
  if (values === "number") return [{ name, perfect: asItIs, constant: () => "0", isNumber: true }];
  if ("score_prefix" in metric && metric.classes) {
    const { classes, score_prefix } = metric;
    const share = String(1 / classes.length);
    return classes.map((label) => ({
      name: `${score_prefix}${label}`,
      perfect: (labels) => labels.map((each) => (each === label ? "1" : "0")),
      constant: () => share,
      isNumber: true,
    }));
  }
  if (values === "score") {
    const positive = ("positive_label" in metric ? metric.positive_label : undefined) ?? "1";
    const isPositive = (label: string) => label === positive || Number(label) === Number(positive);
    return [
      {
        name,
        perfect: (labels) => labels.map((label) => (isPositive(label) ? "1" : "0")),
        constant: () => "0.5",
        isNumber: true,
      },
    ];
  }
  return [{ name, perfect: asItIs, constant: mostFrequent, isNumber: false }];
}

function mostFrequent(labels: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  let [best, most] = ["0", 0];
  for (const [label, count] of counts) if (count > most) [best, most] = [label, count];
  return best;
}
