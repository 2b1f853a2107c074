import type { DomainError } from "@podium/shared";
import { type FileProblem, type FileRole, fileError, quoted } from "./file-error.ts";
import { MAX_NUMBER } from "./limits.ts";
import { readRecords, type TableColumns, type TableRecord } from "./read-records.ts";
import type { TableFile } from "./table-file.ts";

/** What a value may be. `numeric-label`: the labels are numbers, so NaN and infinity are no labels. */
export type ValueRule = "number" | "label" | "numeric-label";

interface Complaint {
  readonly reason: FileProblem;
  readonly message: string;
}

const NUMBER = /^[+-]?(\d[\d_]*\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const NOT_FINITE = /^[+-]?(nan|inf(inity)?)$/i;

/**
 * The first thing that is wrong in a file that could not be loaded, with its line and id.
 * @param cause  what DuckDB said; only its line number is used, since its text quotes the file
 */
export async function explainFile(
  file: TableFile,
  columns: TableColumns,
  rule: ValueRule,
  cause?: unknown,
): Promise<DomainError> {
  for await (const records of readRecords(file, columns)) {
    for (const record of records) {
      const complaint = complaintOf(record, rule, columns, file.role);
      if (complaint) return rowError(file.role, record, complaint);
    }
  }
  const row = Number(/line:? (\d+)/i.exec(String(cause))?.[1] ?? Number.NaN);
  const where = Number.isNaN(row) ? "" : ` The trouble is near line ${row}.`;
  const rest = `can't be read as ${file.format === "csv" ? "CSV (comma, double quotes, UTF-8, one kind of line end)" : "JSONL"}.${where}`;
  return fileError(file.role, "not_parseable", rest, Number.isNaN(row) ? {} : { row });
}

function complaintOf(
  record: TableRecord,
  rule: ValueRule,
  columns: TableColumns,
  role: FileRole,
): Complaint | null {
  if (record.problem) return record.problem;
  if (record.id === null)
    return { reason: "missing_id", message: `The row has no ${quoted(columns.id)}. Give every row its id.` };
  if (record.id.includes("\ufffd") || record.value?.includes("\ufffd")) {
    return { reason: "not_text", message: "The row is not UTF-8 text. Save the file in UTF-8." };
  }
  if (record.value === null || record.value.trim() === "") {
    return {
      reason: "empty_value",
      message: `There is no ${quoted(columns.value)}. Give every row a value.`,
    };
  }
  return rule === "label" ? null : numberComplaint(record.value.trim(), rule, role);
}

function numberComplaint(text: string, rule: ValueRule, role: FileRole): Complaint | null {
  // A label's value is never repeated, not even to the organizer: messages travel.
  const shown = role === "predictions" ? quoted(text) : "The target";
  const number = NUMBER.test(text) ? Number(text.replaceAll("_", "")) : Number.NaN;
  if (NOT_FINITE.test(text) || Math.abs(number) === Number.POSITIVE_INFINITY) {
    return {
      reason: "not_finite",
      message: `${shown} is not a finite number. Write a finite one such as 0.5.`,
    };
  }
  if (rule === "numeric-label") return null;
  if (Number.isNaN(number)) {
    return { reason: "not_a_number", message: `${shown} is not a number. Write a plain number such as 0.5.` };
  }
  if (Math.abs(number) > MAX_NUMBER) {
    return { reason: "out_of_range", message: `${shown} is too large to score. Stay within ±${MAX_NUMBER}.` };
  }
  return null;
}

function rowError(role: FileRole, { line, id }: TableRecord, { reason, message }: Complaint): DomainError {
  const where = id === null ? `line ${line}` : `line ${line} (id ${quoted(id)})`;
  return fileError(role, reason, `is wrong at ${where}. ${message}`, {
    row: line,
    ...(id === null ? {} : { id }),
  });
}

/** Lines on which each of these ids stands, at most `perId` each; reads no further than needed. */
export async function linesOfIds(
  file: TableFile,
  columns: TableColumns,
  ids: readonly string[],
  perId: number,
) {
  const lines = new Map<string, number[]>(ids.map((id) => [id, []]));
  let open = ids.length;
  for await (const records of readRecords(file, columns)) {
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
