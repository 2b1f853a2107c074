import { createReadStream } from "node:fs";
import type { ColumnKind } from "../metrics/plan.ts";
import { csvRecord } from "./csv-record.ts";
import type { FileProblem } from "./file-error.ts";
import { jsonlRecord } from "./jsonl-record.ts";
import { MAX_LINE_BYTES, type TableFile } from "./table-file.ts";

/** The columns that are scored. */
export interface TableColumns {
  /** Null: the file has no ids. */
  readonly id: string | null;
  /** Each once. */
  readonly values: readonly { readonly name: string; readonly kinds: readonly ColumnKind[] }[];
}

/** One record of a table file. Null: absent or empty. */
export interface TableRecord {
  /** 1-based line of the file; a CSV header is line 1. Parquet and npy: 1-based row. */
  readonly line: number;
  readonly id: string | null;
  /** In the order of `TableColumns.values`. */
  readonly values: readonly (string | null)[];
  /** Why the record can't be read; the file is not read further after a record that hides where the next begins. */
  readonly problem?: { reason: FileProblem; message: string };
}

/**
 * The records of a table file with their line numbers, in pieces. Slow beside DuckDB and therefore only for
 * naming the row of an error; memory stays within a few lines' worth.
 */
export async function* readRecords(file: TableFile, columns: TableColumns): AsyncGenerator<TableRecord[]> {
  const cut = file.format === "csv" ? csvCutter(file, columns) : jsonlCutter(file, columns);
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of createReadStream(file.path, { highWaterMark: MAX_LINE_BYTES })) {
    rest += decoder.decode(chunk as Uint8Array, { stream: true });
    const { records, end, over } = cut(rest, false);
    yield records;
    if (over) return;
    rest = rest.slice(end);
    if (rest.length > MAX_LINE_BYTES) {
      const { records: last } = cut(rest, true);
      const line = last[0]?.line ?? 1;
      const reason = last[0]?.problem?.reason ?? "line_too_long";
      const message = last[0]?.problem?.message ?? `The line is longer than ${MAX_LINE_BYTES} bytes.`;
      yield [{ line, id: null, values: [], problem: { reason, message } }];
      return;
    }
  }
  yield cut(rest + decoder.decode(), true).records;
}

interface Cut {
  records: TableRecord[];
  /** Where the incomplete rest begins. */
  end: number;
  /** Nothing after this can be told apart. */
  over: boolean;
}
type Cutter = (text: string, final: boolean) => Cut;

function csvCutter(file: TableFile, columns: TableColumns): Cutter {
  const idAt = columns.id === null ? -1 : file.columns.indexOf(columns.id);
  const places = columns.values.map(({ name }) => file.columns.indexOf(name));
  const width = file.columns.length;
  let line = 1;
  let header = true;
  let returns = false;

  return (text, final) => {
    const records: TableRecord[] = [];
    let end = 0;
    while (end < text.length) {
      const record = csvRecord(text, end, file.newline, final);
      if (record === "incomplete") break;
      const { cells } = record;
      const blank = cells.length === 1 && cells[0] === "" && record.end - end <= 2;
      end = record.end;
      const returned = text[end - 1] === file.newline ? text[end - 2] === "\r" : returns;
      if (header) returns = returned;
      if (!header && !blank) {
        const id = cells[idAt] || null;
        const values = places.map((at) => cells[at] || null);
        const problem = record.problem
          ? { reason: "not_parseable" as const, message: `Here ${record.problem}` }
          : (widthProblem(cells, width) ?? (returned === returns ? undefined : mixedEnds(returned)));
        records.push({ line: line - (file.positional ? 1 : 0), id, values, ...(problem ? { problem } : {}) });
      }
      if (record.problem) return { records, end, over: true };
      header = false;
      line += record.lines;
    }
    return { records, end, over: false };
  };
}

function widthProblem(cells: readonly string[], width: number): TableRecord["problem"] {
  const spare = cells.length === width + 1 && cells[width] === "";
  if (cells.length === width || spare) return undefined;
  const columns = cells.length === 1 ? "1 column" : `${cells.length} columns`;
  const message = `The row has ${columns}, the header has ${width}. Quote a value that holds a comma.`;
  return { reason: "column_count", message };
}

function mixedEnds(returned: boolean): TableRecord["problem"] {
  const [here, above] = returned ? ["CR LF", "LF"] : ["LF", "CR LF"];
  const message = `The line ends with ${here}, the header with ${above}. Write one kind of line end.`;
  return { reason: "not_parseable", message };
}

function jsonlCutter(file: TableFile, columns: TableColumns): Cutter {
  let line = 0;
  return (text, final) => {
    const records: TableRecord[] = [];
    let end = 0;
    while (end < text.length) {
      const stop = text.indexOf(file.newline, end);
      if (stop < 0 && !final) break;
      const content = text.slice(end, stop < 0 ? text.length : stop).trim();
      end = stop < 0 ? text.length : stop + 1;
      line += 1;
      if (content !== "") records.push(jsonlRow(content, line, columns));
    }
    return { records, end, over: false };
  };
}

function jsonlRow(content: string, line: number, columns: TableColumns): TableRecord {
  const fields = jsonlRecord(content);
  if (typeof fields === "string") {
    return {
      line,
      id: null,
      values: [],
      problem: { reason: "not_parseable", message: `The line ${fields}` },
    };
  }
  const id = columns.id === null ? undefined : fields.get(columns.id);
  const found = columns.values.map(({ name }) => fields.get(name));
  const idText = id === undefined || id === "nested" ? null : id.text || null;
  if (found.includes("nested")) {
    const message = "The value is a list or an object. Write a number or a text.";
    return { line, id: idText, values: [], problem: { reason: "wrong_type", message } };
  }
  return {
    line,
    id: idText,
    values: found.map((value) => (value as { text: string } | undefined)?.text || null),
  };
}
