import { readdirSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { isTextTable, type RoundDefinition } from "@podium/shared";
import { checkMetricFields } from "./check-metric-fields.ts";
import { type Row, readTable, type Table } from "./read-table.ts";
import { type Problem, type Scoring, told } from "./round-problem.ts";

type Field = Problem["field"];

/** A table this large is not read here: it would take longer than finding out at the first submission. */
const MAX_BYTES = 256 * 1024 ** 2;

/**
 * Looks into a round's inputs and labels for what would else fail every submission: fields that aren't there, ids that
 * are double or have no partner, targets the metrics can't take; and for labels among what entrants get. Files that a
 * scorer of the organizer's own reads, and tables that are no text, are looked at by their places only.
 */
export function checkRoundTables(folder: string, round: RoundDefinition, scoring: Scoring): Problem[] {
  const leaks = leaksOf(folder, round, scoring);
  if (leaks.length > 0 || scoring.scorer) return leaks;
  const inputsName = tableIn(folder, round.inputs);
  if (isLarge(folder, inputsName) || isLarge(folder, round.labels)) return [];

  const inputs = open(folder, inputsName, "inputs");
  const labels = isTextTable(round.labels) ? open(folder, round.labels, "labels") : null;
  if (!("rows" in inputs)) return labels === null || "rows" in labels ? [inputs] : [inputs, labels];
  if (labels === null) return lacks(inputs, round.id_field, "id_field", inputsName);
  if (!("rows" in labels)) return [labels];
  const { id_field: id, target_field: target } = round;
  const missing = [
    ...lacks(inputs, id, "id_field", inputsName),
    ...lacks(labels, id, "id_field", round.labels),
    ...lacks(labels, target, "target_field", round.labels),
  ];
  if (missing.length > 0) return missing;
  return [
    ...showsTarget(inputs, target, inputsName),
    ...checkMetricFields(labels, round, scoring),
    ...checkSplit(labels, round),
    ...checkIds(inputs.rows, labels.rows, id, inputsName, round.labels),
    ...checkSample(folder, round, scoring, labels),
  ];
}

const problem = (field: Field, message: string): Problem => ({ field, message });

/** The one table in a folder. */
function tableIn(folder: string, name: string): string {
  return join(name, readdirSync(join(folder, name)).find(isTextTable) ?? "");
}

const isLarge = (folder: string, name: string) => statSync(join(folder, name)).size > MAX_BYTES;

function leaksOf(folder: string, round: RoundDefinition, scoring: Scoring): Problem[] {
  const holds = (outer: string, inner: string) =>
    !relative(resolve(folder, outer), resolve(folder, inner)).startsWith("..");
  const { sample, labels, inputs } = round;
  const shown: { field: Field; path: string; who: string; place?: string[] }[] = [
    { field: "train", path: round.train, who: "entrants" },
    { field: "inputs", path: inputs, who: "models" },
  ];
  if (sample)
    for (const path of [sample.inputs, sample.labels])
      shown.push({ field: "sample", path, who: "everybody" });
  if (scoring.ingestion)
    shown.push({
      field: "train",
      path: round.ingestion_program ?? scoring.ingestion.program,
      who: "submitted code",
      place: ["ingestion", "program"],
    });
  return [
    ...shown
      .filter(({ path }) => holds(path, labels) || holds(labels, path))
      .map(({ field, path, who, place }) => ({
        ...problem(field, `${path} holds the labels (${labels}): ${who} would see them`),
        ...(place ? { path: place } : {}),
      })),
    ...(holds(round.train, inputs)
      ? [problem("train", `${round.train} holds the inputs (${inputs}): entrants would see them`)]
      : []),
    ...(sample && holds(sample.inputs, inputs)
      ? [problem("sample", `${sample.inputs} holds the inputs (${inputs}): everybody would see them`)]
      : []),
  ];
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

function showsTarget(inputs: Table, target: string, name: string): Problem[] {
  if (!inputs.columns.includes(target)) return [];
  return [problem("inputs", `${name} has the column "${target}": models would see the answers`)];
}

/** A split by a column must leave rows on both sides. */
function checkSplit(labels: Table, { split, labels: name }: RoundDefinition): Problem[] {
  if (!split || !("field" in split)) return [];
  const { field, public: word } = split;
  if (!labels.columns.includes(field)) return lacks(labels, field, "split", name);
  const rows = labels.rows.filter(({ values }) => String(values[field]) === word).length;
  if (rows > 0 && rows < labels.rows.length) return [];
  const values = [...new Set(labels.rows.map((row) => String(row.values[field])))].slice(0, 5);
  return [
    problem(
      "split",
      `${name}: ${rows === 0 ? "no row" : "every row"} has "${word}" in "${field}"; it holds: ${values.join(", ")}`,
    ),
  ];
}

/** The sample must be a round in small, and give nothing of the hidden one away. */
function checkSample(folder: string, round: RoundDefinition, scoring: Scoring, hidden: Table): Problem[] {
  const { sample, id_field: id } = round;
  if (!sample) return [];
  const shape = {
    ...round,
    inputs: sample.inputs,
    labels: sample.labels,
    sample: undefined,
    split: undefined,
  };
  const found = checkRoundTables(folder, shape as RoundDefinition, scoring);
  if (found.length > 0) return found.map(({ message }) => problem("sample", message));
  if (!isTextTable(sample.labels)) return [];
  const ids = new Set(hidden.rows.map(({ values }) => String(values[id])));
  const shared = readTable(join(folder, sample.labels)).rows.filter(({ values }) =>
    ids.has(String(values[id])),
  );
  if (shared.length === 0) return [];
  return [
    problem(
      "sample",
      `${sample.labels} has ${some(shared, id)} of the hidden ${round.labels}: everybody would see them`,
    ),
  ];
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
  const empty = rows
    .filter(({ values }) => isEmpty(values[id]))
    .map(({ line }) => `${name}: line ${line} has no "${id}"`);
  const again = rows.flatMap(({ line, values }) => {
    const key = String(values[id]);
    const before = first.get(key);
    return isEmpty(values[id]) || before === line
      ? []
      : [`${name}: line ${line} has the id "${key}" of line ${before} again`];
  });
  return [...told(name, empty), ...told(name, again)].map((message) => problem(field, message));
}

function some(rows: readonly Row[], id: string): string {
  const named = rows.slice(0, 3).map(({ values }) => `"${values[id]}"`);
  const more = rows.length - named.length;
  return `${rows.length === 1 ? "the id" : "the ids"} ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}
