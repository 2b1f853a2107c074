import type { DuckDBConnection } from "@duckdb/node-api";
import type { DomainError } from "@podium/shared";
import { isNotFinite } from "../metrics/label-text.ts";
import type { ColumnKind } from "../metrics/plan.ts";
import { type FileProblem, type FileRole, fileError, quoted } from "./file-error.ts";
import { MAX_LABEL, MAX_NUMBER, MAX_TEXT, MAX_WEIGHT } from "./limits.ts";
import { parquetRecords } from "./parquet-records.ts";
import { readRecords, type TableColumns, type TableRecord } from "./read-records.ts";
import type { Source } from "./source.ts";
import type { TableFile } from "./table-file.ts";

/** A rule that shows only when the whole column is known: labels that are numbers are never NaN or infinite. */
export interface LateRule {
  readonly name: string;
  readonly rule: "numeric-label";
}

interface Complaint {
  readonly reason: FileProblem;
  readonly message: string;
}

const NUMBER = /^[+-]?(\d[\d_]*\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * The first thing that is wrong in a file that could not be loaded, with its line and id.
 * @param cause  what DuckDB said; only its line number is used, since its text quotes the file
 */
export async function explainFile(
  connection: DuckDBConnection,
  { file, columns }: Source,
  late?: LateRule,
  cause?: unknown,
): Promise<DomainError> {
  for await (const records of recordsOf(connection, file, columns)) {
    for (const record of records) {
      const complaint = complaintOf(record, columns, file.role, late);
      if (complaint) return rowError(file, record, complaint);
    }
  }
  const row = Number(/line:? (\d+)/i.exec(String(cause))?.[1] ?? Number.NaN);
  const where = Number.isNaN(row) ? "" : ` The trouble is near line ${row}.`;
  const rest = `can't be read as ${FORMATS[file.format]}.${where}`;
  return fileError(file.role, "not_parseable", rest, Number.isNaN(row) ? {} : { row });
}

const FORMATS = {
  csv: "CSV (comma, double quotes, UTF-8, one kind of line end)",
  jsonl: "JSONL",
  parquet: "Parquet",
};

function recordsOf(connection: DuckDBConnection, file: TableFile, columns: TableColumns) {
  return file.format === "parquet" ? parquetRecords(connection, file, columns) : readRecords(file, columns);
}

function complaintOf(
  record: TableRecord,
  columns: TableColumns,
  role: FileRole,
  late: LateRule | undefined,
): Complaint | null {
  if (record.problem) return record.problem;
  if (record.id === null && columns.id !== null)
    return { reason: "missing_id", message: `The row has no ${quoted(columns.id)}. Give every row its id.` };
  for (const [at, { name, kinds }] of columns.values.entries()) {
    const value = record.values[at] ?? null;
    if (record.id?.includes("\ufffd") || value?.includes("\ufffd")) {
      return { reason: "not_text", message: "The row is not UTF-8 text. Save the file in UTF-8." };
    }
    for (const kind of kinds) {
      const complaint = valueComplaint(value, kind, name, role);
      if (complaint) return complaint;
    }
    if (late?.name === name && value !== null && isNotFinite(value)) return notFinite(value.trim(), role);
  }
  return null;
}

function valueComplaint(
  value: string | null,
  kind: ColumnKind,
  name: string,
  role: FileRole,
): Complaint | null {
  if (kind === "text") return lengthComplaint(value ?? "", MAX_TEXT);
  if (value === null || value.trim() === "") {
    return { reason: "empty_value", message: `There is no ${quoted(name)}. Give every row a value.` };
  }
  return kind === "label"
    ? lengthComplaint(value.trim(), MAX_LABEL)
    : numberComplaint(value.trim(), kind, role);
}

function lengthComplaint(text: string, most: number): Complaint | null {
  // In code points, as DuckDB counts them; UTF-16 counts as many or more.
  if (text.length <= most || [...text].length <= most) return null;
  return { reason: "text_too_long", message: `The text has more than ${most} characters. Shorten it.` };
}

function numberComplaint(text: string, kind: ColumnKind, role: FileRole): Complaint | null {
  const number = NUMBER.test(text) ? Number(text.replaceAll("_", "")) : Number.NaN;
  if (isNotFinite(text) || Math.abs(number) === Number.POSITIVE_INFINITY) return notFinite(text, role);
  const shown = shownValue(text, role);
  if (Number.isNaN(number)) {
    return { reason: "not_a_number", message: `${shown} is not a number. Write a plain number such as 0.5.` };
  }
  const [least, most, words] = RANGES[kind as keyof typeof RANGES];
  if (number >= least && number <= most && !(kind === "positive" && number === 0)) return null;
  return { reason: "out_of_range", message: `${shown} ${words}` };
}

/** Smallest and largest number of each kind, and what is said of another. */
export const RANGES = {
  number: [-MAX_NUMBER, MAX_NUMBER, `is too large to score. Stay within ±${MAX_NUMBER}.`],
  weight: [0, MAX_WEIGHT, `is no weight. Weights are numbers from 0 to ${MAX_WEIGHT}.`],
  positive: [0, MAX_NUMBER, `is no scale. Scales are numbers above 0, to ${MAX_NUMBER}.`],
  probability: [0, 1, "is no probability. Probabilities are numbers from 0 to 1."],
} as const;

function notFinite(text: string, role: FileRole): Complaint {
  const message = `${shownValue(text, role)} is not a finite number. Write a finite one such as 0.5.`;
  return { reason: "not_finite", message };
}

/** A label's value is never repeated, not even to the organizer: messages travel. */
function shownValue(text: string, role: FileRole): string {
  return role === "predictions" ? quoted(text) : "The target";
}

function rowError(file: TableFile, { line, id }: TableRecord, { reason, message }: Complaint): DomainError {
  const place = `${lineWord(file)} ${line}`;
  const where = id === null ? place : `${place} (id ${quoted(id)})`;
  return fileError(file.role, reason, `is wrong at ${where}. ${message}`, {
    row: line,
    ...(id === null ? {} : { id }),
  });
}

/** What a record's number counts, for people. */
export function lineWord(file: TableFile): "line" | "row" {
  return file.positional || file.format === "parquet" ? "row" : "line";
}

/** Lines on which each of these ids stands, at most `perId` each; reads no further than needed. */
export async function linesOfIds(
  connection: DuckDBConnection,
  { file, columns }: Source,
  ids: readonly string[],
  perId: number,
) {
  const lines = new Map<string, number[]>(ids.map((id) => [id, []]));
  let open = ids.length;
  for await (const records of recordsOf(connection, file, columns)) {
    for (const { id, line } of records) {
      const found = id === null ? undefined : lines.get(id);
      if (!found || found.length === perId) continue;
      found.push(line);
      if (found.length === perId) open -= 1;
    }
    if (open === 0) break;
  }
  return lines;
}
