import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { extname } from "node:path";
import { csvRecord } from "./csv-record.ts";
import { type FileRole, fileError } from "./file-error.ts";
import { jsonlRecord } from "./jsonl-record.ts";

export type TableFormat = "csv" | "jsonl";

/** A CSV or JSONL file, opened and looked into as far as its first record. */
export interface TableFile extends AsyncDisposable {
  readonly role: FileRole;
  readonly format: TableFormat;
  readonly bytes: number;
  /**
   * The open file by its descriptor. Nobody can swap the file between check and use, the name needs no quoting,
   * and a `*` in it is not a pattern to DuckDB.
   */
  readonly path: string;
  /** CSV: the header. JSONL: the fields of the first row. */
  readonly columns: readonly string[];
  /** What ends a line. */
  readonly newline: "\n" | "\r";
}

/** Longest line (CSV: record), bytes. */
export const MAX_LINE_BYTES = 1024 * 1024;
const MAX_COLUMNS = 2_000;

/**
 * Opens a table and reads its columns.
 * @param maxBytes  largest file that is accepted
 * @throws DomainError when it is missing, empty, too large, binary, or has no readable first record
 */
export async function openTableFile(path: string, role: FileRole, maxBytes: number): Promise<TableFile> {
  // Without waiting: a pipe by that name would otherwise hold the scorer until somebody writes to it.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => null);
  if (!handle) throw new Error(`The ${role} file could not be opened.`);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw fileError(role, "not_a_file", "is not a regular file.");
    if (stats.size > maxBytes) {
      throw fileError(role, "too_large", `has ${stats.size} bytes; at most ${maxBytes} are allowed.`, {
        max_bytes: maxBytes,
      });
    }
    const start = await readStart(handle, role);
    const format = formatOf(path, start.text);
    const newline = start.text.includes("\n") || !start.text.includes("\r") ? "\n" : "\r";
    const columns = format === "csv" ? csvColumns(start, newline, role) : jsonlColumns(start, newline, role);
    return {
      role,
      format,
      columns,
      newline,
      bytes: stats.size,
      path: `/proc/self/fd/${handle.fd}`,
      [Symbol.asyncDispose]: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

interface Start {
  text: string;
  /** The text is the whole file. */
  whole: boolean;
  byteOrderMark: boolean;
}

async function readStart(handle: FileHandle, role: FileRole): Promise<Start> {
  const size = MAX_LINE_BYTES + 1;
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, 0);
  const bytes = buffer.subarray(0, bytesRead);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    throw fileError(role, "not_text", "is compressed with gzip. Send it unpacked, as CSV or JSONL.");
  }
  if (bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03) {
    throw fileError(role, "not_text", "is a zip archive. Send the CSV or JSONL file itself.");
  }
  const text = new TextDecoder().decode(bytes);
  if (text.trim() === "")
    throw fileError(role, "empty_file", "is empty. Write a header line and one row per id.");
  const firstLine = text.slice(0, lineEnd(text));
  if (firstLine.includes("\0") || firstLine.includes("\ufffd")) {
    throw fileError(role, "not_text", "is not UTF-8 text. Send CSV or JSONL in UTF-8.");
  }
  return { text, whole: bytesRead < size, byteOrderMark: bytes[0] === 0xef && bytes[1] === 0xbb };
}

function formatOf(path: string, text: string): TableFormat {
  const extension = extname(path).toLowerCase();
  if (extension === ".csv") return "csv";
  if (extension === ".jsonl" || extension === ".ndjson") return "jsonl";
  return /^\s*[{[]/.test(text) ? "jsonl" : "csv";
}

function lineEnd(text: string): number {
  const end = text.search(/[\r\n]/);
  return end < 0 ? text.length : end;
}

function csvColumns({ text, whole }: Start, newline: string, role: FileRole): string[] {
  const record = csvRecord(text, 0, newline, whole);
  if (record === "incomplete") throw firstLineTooLong(role);
  if (record.problem) {
    throw fileError(role, "not_parseable", `can't be read as CSV. Line 1: ${record.problem}`, { row: 1 });
  }
  if (record.cells.length > MAX_COLUMNS) {
    const rest = `has ${record.cells.length} columns; at most ${MAX_COLUMNS} are read. Keep the id and the prediction.`;
    throw fileError(role, "too_many_columns", rest);
  }
  return record.cells.map((name) => name.trim());
}

function jsonlColumns({ text, whole, byteOrderMark }: Start, newline: string, role: FileRole): string[] {
  if (byteOrderMark) {
    throw fileError(role, "not_text", "begins with a byte order mark. Save it as UTF-8 without one.", {
      row: 1,
    });
  }
  const blank = text.length - text.trimStart().length;
  const row = text.slice(0, blank).split(newline).length;
  const first = text.slice(blank, blank + lineEnd(text.slice(blank)));
  if (!whole && blank + first.length === text.length) throw firstLineTooLong(role);
  const record = jsonlRecord(first);
  if (typeof record === "string") {
    throw fileError(role, "not_parseable", `can't be read as JSONL. Line ${row} ${record}`, { row });
  }
  return [...record.keys()];
}

function firstLineTooLong(role: FileRole) {
  const rest = `has a first line longer than ${MAX_LINE_BYTES} bytes. Is it a CSV or JSONL file of predictions?`;
  return fileError(role, "line_too_long", rest, { row: 1 });
}
