import { readdirSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { type CompetitionDefinition, METRICS, type RoundDefinition } from "@podium/shared";
import { type Row, readTable, type Table } from "./read-table.ts";

type Metric = CompetitionDefinition["metric"]["name"];
type Field = "train" | "inputs" | "labels" | "id_field" | "target_field";
export interface Problem {
  field: Field;
  message: string;
}

const TABLE_FILE = /\.(csv|jsonl)$/i;
/** A table this large is not read here: it would take longer than finding out at the first submission. */
const MAX_BYTES = 256 * 1024 ** 2;

/**
 * Looks into a round's inputs and labels for what would else fail every submission: fields that aren't there, ids that
 * are double or have no partner, targets the metric can't take; and for labels among what entrants get.
 */
export function checkRoundTables(folder: string, round: RoundDefinition, metric: Metric): Problem[] {
  const leak = leakOf(folder, round);
  if (leak) return [leak];
  const inputsFile = readdirSync(join(folder, round.inputs)).find((file) => TABLE_FILE.test(file)) ?? "";
  const inputsName = join(round.inputs, inputsFile);
  if ([inputsName, round.labels].some((name) => statSync(join(folder, name)).size > MAX_BYTES)) return [];

  const inputs = open(folder, inputsName, "inputs");
  const labels = open(folder, round.labels, "labels");
  if (!("rows" in inputs)) return [inputs];
  if (!("rows" in labels)) return [labels];
  const { id_field: id, target_field: target } = round;
  const missing = [
    ...lacks(inputs, id, "id_field", inputsName),
    ...lacks(labels, id, "id_field", round.labels),
    ...lacks(labels, target, "target_field", round.labels),
  ];
  if (missing.length > 0) return missing;
  return [
    ...(inputs.columns.includes(target)
      ? [problem("inputs", `${inputsName} has the column "${target}": models would see the answers`)]
      : []),
    ...checkTargets(labels.rows, target, metric, round.labels),
    ...checkIds(inputs.rows, labels.rows, id, inputsName, round.labels),
  ];
}

const problem = (field: Field, message: string): Problem => ({ field, message });

function leakOf(folder: string, round: RoundDefinition): Problem | null {
  const labels = resolve(folder, round.labels);
  for (const field of ["train", "inputs"] as const) {
    if (!relative(resolve(folder, round[field]), labels).startsWith("..")) {
      const seen = field === "train" ? "entrants" : "models";
      return problem(field, `${round[field]} holds the labels (${round.labels}): ${seen} would see them`);
    }
  }
  if (relative(resolve(folder, round.train), resolve(folder, round.inputs)).startsWith("..")) return null;
  return problem("train", `${round.train} holds the inputs (${round.inputs}): entrants would see them`);
}

function open(folder: string, name: string, field: Field): Table | Problem {
  try {
    const table = readTable(join(folder, name));
    return table.rows.length > 0 ? table : problem(field, `${name} has no rows`);
  } catch (error) {
    return problem(field, `${name}: ${(error as Error).message}`);
  }
}

function lacks(table: Table, column: string, field: Field, name: string): Problem[] {
  if (table.columns.includes(column)) return [];
  return [problem(field, `${name} has no column "${column}"; it has: ${table.columns.join(", ")}`)];
}

function checkTargets(rows: readonly Row[], target: string, metric: Metric, name: string): Problem[] {
  const numeric = metric in METRICS && METRICS[metric as keyof typeof METRICS].values === "number";
  const isWrong = (value: unknown) => isEmpty(value) || (numeric && !Number.isFinite(Number(value)));
  const wrong = rows.find(({ values }) => isWrong(values[target]));
  if (wrong === undefined) return [];
  const value = wrong.values[target];
  const what = isEmpty(value) ? "is empty" : `is "${value}", and ${metric} takes numbers`;
  return [problem("labels", `${name}: line ${wrong.line}: "${target}" ${what}`)];
}

function checkIds(
  inputs: readonly Row[],
  labels: readonly Row[],
  id: string,
  inputsName: string,
  labelsName: string,
): Problem[] {
  const [inputIds, labelIds] = [lineById(inputs, id), lineById(labels, id)];
  const faults = [
    ...doubles("inputs", inputs, id, inputIds, inputsName),
    ...doubles("labels", labels, id, labelIds, labelsName),
  ];
  const unlabelled = inputs.filter(({ values }) => !labelIds.has(String(values[id])));
  const unasked = labels.filter(({ values }) => !inputIds.has(String(values[id])));
  if (unlabelled[0])
    faults.push(problem("labels", `${labelsName} has no row for ${some(unlabelled, id)} of ${inputsName}`));
  if (unasked[0])
    faults.push(problem("inputs", `${inputsName} has no row for ${some(unasked, id)} of ${labelsName}`));
  return faults;
}

/** The line where an id is first. */
function lineById(rows: readonly Row[], id: string): Map<string, number> {
  const lines = new Map<string, number>();
  for (const { line, values } of rows) {
    const key = String(values[id]);
    if (!lines.has(key)) lines.set(key, line);
  }
  return lines;
}

function doubles(
  field: Field,
  rows: readonly Row[],
  id: string,
  first: Map<string, number>,
  name: string,
): Problem[] {
  const empty = rows.find(({ values }) => isEmpty(values[id]));
  if (empty) return [problem(field, `${name}: line ${empty.line} has no "${id}"`)];
  const double = rows.find(({ line, values }) => first.get(String(values[id])) !== line);
  if (double === undefined) return [];
  const key = String(double.values[id]);
  return [problem(field, `${name}: line ${double.line} has the id "${key}" of line ${first.get(key)} again`)];
}

function some(rows: readonly Row[], id: string): string {
  const named = rows.slice(0, 3).map(({ values }) => `"${values[id]}"`);
  const more = rows.length - named.length;
  return `${rows.length === 1 ? "the id" : "the ids"} ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}
