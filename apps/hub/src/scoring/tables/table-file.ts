import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { extname } from "node:path";
import { csvRecord } from "./csv-record.ts";
import { type FileRole, fileError } from "./file-error.ts";
import { gunzip } from "./gunzip.ts";
import { jsonlRecord } from "./jsonl-record.ts";
import { MAX_COLUMNS } from "./limits.ts";
import { csvOfNpy } from "./npy.ts";
import { type ParquetColumn, parquetColumns } from "./parquet.ts";

export type TableFormat = "csv" | "jsonl" | "parquet";

/** A table, unpacked, opened and looked into as far as its columns. */
export interface TableFile extends AsyncDisposable {
  readonly role: FileRole;
  /** How the bytes at `path` are read; an npy file has become CSV. */
  readonly format: TableFormat;
  /** Of the file as it was sent. */
  readonly bytes: number;
  /**
   * The open file by its descriptor. Nobody can swap the file between check and use, the name needs no quoting,
   * and a `*` in it is not a pattern to DuckDB.
   */
  readonly path: string;
  /** CSV: the header. JSONL: the fields of the first row. Parquet: all. npy: `c0`, `c1` … */
  readonly columns: readonly string[];
  /** Parquet: DuckDB's types of the columns. */
  readonly types?: readonly string[];
  /** What ends a line. */
  readonly newline: "\n" | "\r";
  /** An npy file: it has no ids, its rows are those of the labels file in their order. */
  readonly positional: boolean;
}

/** Longest line (CSV: record), bytes. */
export const MAX_LINE_BYTES = 1024 * 1024;

/**
 * Opens a table and reads its columns: CSV, JSONL, Parquet or npy, each also packed with gzip.
 * @param maxBytes  largest file that is accepted, packed or unpacked
 * @throws DomainError when it is missing, empty, too large, of another kind, or has no readable first record
 */
export async function openTableFile(path: string, role: FileRole, maxBytes: number): Promise<TableFile> {
  // Without waiting: a pipe by that name would otherwise hold the scorer until somebody writes to it.
  const sent = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => null);
  if (!sent) throw new Error(`The ${role} file could not be opened.`);
  const handles = new Set([sent]);
  const replace = async (handle: FileHandle, by: FileHandle) => {
    handles.add(by);
    handles.delete(handle);
    await handle.close();
    return by;
  };
  try {
    const stats = await sent.stat();
    if (!stats.isFile()) throw fileError(role, "not_a_file", "is not a regular file.");
    if (stats.size > maxBytes) {
      throw fileError(role, "too_large", `has ${stats.size} bytes; at most ${maxBytes} are allowed.`, {
        max_bytes: maxBytes,
      });
    }
    let handle = sent;
    let name = path;
    if ((await magicOf(handle)) === "gzip") {
      handle = await replace(handle, await gunzip(descriptor(handle), role, maxBytes));
      name = path.replace(/\.gz$/i, "");
    }
    const kind = await magicOf(handle);
    refuseArchives(kind, role);
    refuseMisnamed(kind, name, role);
    const [{ size: bytes }, common] = [
      await handle.stat(),
      { role, bytes: stats.size, newline: "\n" as const },
    ];
    if (kind === "npy") {
      if (role === "labels")
        throw fileError(role, "wrong_type", "is an array, which has no ids. Send CSV or Parquet.");
      const csv = await csvOfNpy(handle, role, bytes);
      handle = await replace(handle, csv.handle);
      const columns = Array.from({ length: csv.columns }, (_, at) => `c${at}`);
      return { ...common, format: "csv", columns, positional: true, ...opened(handle) };
    }
    if (kind === "parquet") {
      const found: ParquetColumn[] = await parquetColumns(descriptor(handle), role, maxBytes);
      const [columns, types] = [found.map((one) => one.name), found.map((one) => one.type)];
      return { ...common, format: "parquet", columns, types, positional: false, ...opened(handle) };
    }
    return { ...common, ...(await textTable(handle, name, role)), positional: false, ...opened(handle) };
  } catch (error) {
    for (const handle of handles) await handle.close();
    throw error;
  }
}

function opened(handle: FileHandle) {
  return { path: descriptor(handle), [Symbol.asyncDispose]: () => handle.close() };
}

const descriptor = (handle: FileHandle) => `/proc/self/fd/${handle.fd}`;

/** First bytes of files that are told by them. */
const MAGIC = {
  gzip: [0x1f, 0x8b],
  parquet: [0x50, 0x41, 0x52, 0x31],
  npy: [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59],
  zip: [0x50, 0x4b, 0x03],
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
  bzip2: [0x42, 0x5a, 0x68],
  xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a],
} as const;

async function magicOf(handle: FileHandle): Promise<keyof typeof MAGIC | null> {
  const start = Buffer.alloc(8);
  const { bytesRead } = await handle.read(start, 0, start.byteLength, 0);
  const matching = Object.entries(MAGIC).find(
    ([, magic]) => bytesRead >= magic.length && magic.every((byte, at) => start[at] === byte),
  );
  return matching ? (matching[0] as keyof typeof MAGIC) : null;
}

function refuseArchives(kind: keyof typeof MAGIC | null, role: FileRole): void {
  if (kind === "gzip") throw fileError(role, "not_text", "is packed with gzip twice. Pack it once.");
  if (kind === "zip") {
    throw fileError(role, "not_text", "is a zip archive. Send the file itself, or pack it with gzip.");
  }
  if (kind === "zstd" || kind === "bzip2" || kind === "xz") {
    throw fileError(role, "not_text", `is packed with ${kind}. Pack it with gzip, or send it unpacked.`);
  }
}

/** What its name promises: read as text, its first line would be taken for names of columns. */
function refuseMisnamed(kind: keyof typeof MAGIC | null, name: string, role: FileRole): void {
  const promised = { ".parquet": "parquet", ".npy": "npy" }[extname(name).toLowerCase()];
  if (promised === undefined || promised === kind) return;
  const format = { parquet: "Parquet", npy: "an array of numpy" }[promised];
  throw fileError(
    role,
    "wrong_type",
    `is called ${extname(name).toLowerCase()}, and is not ${format} by its first bytes. Write it again in that format, or call it .csv or .jsonl if it is text.`,
  );
}

async function textTable(handle: FileHandle, name: string, role: FileRole) {
  const start = await readStart(handle, role);
  const format = formatOf(name, start.text);
  const newline: "\n" | "\r" = start.text.includes("\n") || !start.text.includes("\r") ? "\n" : "\r";
  const columns = format === "csv" ? csvColumns(start, newline, role) : jsonlColumns(start, newline, role);
  return { format, newline, columns };
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
  const text = new TextDecoder().decode(bytes);
  if (text.trim() === "")
    throw fileError(role, "empty_file", "is empty. Write a header line and one row per id.");
  const firstLine = text.slice(0, lineEnd(text));
  if (firstLine.includes("\0") || firstLine.includes("\ufffd")) {
    throw fileError(role, "not_text", "is not UTF-8 text. Send CSV or JSONL in UTF-8.");
  }
  return { text, whole: bytesRead < size, byteOrderMark: bytes[0] === 0xef && bytes[1] === 0xbb };
}

function formatOf(path: string, text: string): "csv" | "jsonl" {
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
