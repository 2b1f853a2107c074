import { readFileSync } from "node:fs";

/** One row of a table; `line` counts from 1 and is where the row begins. */
export interface Row {
  line: number;
  values: Record<string, unknown>;
}

export interface Table {
  /** The header of a CSV file, the fields of the first line of a JSONL file. */
  columns: string[];
  rows: Row[];
}

/** So many lines are named in an error. */
const MOST_NAMED = 10;

/** Reads a .csv (RFC 4180, with a header) or .jsonl file whole. Throws an `Error` with the lines that are malformed. */
export function readTable(path: string): Table {
  const text = readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  return /\.jsonl$/i.test(path) ? readJsonl(text) : readCsv(text);
}

function readCsv(text: string): Table {
  const [header, ...body] = csvRecords(text);
  const columns = header?.cells ?? [];
  refuseLines(
    body
      .filter(({ cells }) => cells.length !== columns.length)
      .map(({ line, cells }) => `line ${line} has ${cells.length} cells, the header has ${columns.length}`),
  );
  const rows = body.map(({ line, cells }) => {
    return { line, values: Object.fromEntries(columns.map((column, index) => [column, cells[index]])) };
  });
  return { columns, rows };
}

function csvRecords(text: string): { line: number; cells: string[] }[] {
  const records: { line: number; cells: string[] }[] = [];
  // A cell, quoted ("" stands for a quote) or plain, and what ends it.
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  let line = 1;
  while (cell.lastIndex < text.length) {
    const record = { line, cells: [] as string[] };
    for (let end = ","; end === ","; ) {
      const match = cell.exec(text);
      if (match === null)
        throw new Error(`line ${line} has a quote inside a cell, or one that is not closed`);
      record.cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
      line += match[0].split("\n").length - 1;
      end = match[3] ?? "";
    }
    if (record.cells.length > 1 || record.cells[0] !== "") records.push(record);
  }
  return records;
}

function readJsonl(text: string): Table {
  const wrong: string[] = [];
  const rows = text.split("\n").flatMap((content, index) => {
    if (content.trim() === "") return [];
    const values = parseObject(content);
    if (values !== null) return [{ line: index + 1, values }];
    wrong.push(`line ${index + 1} is not a JSON object`);
    return [];
  });
  refuseLines(wrong);
  return { columns: Object.keys(rows[0]?.values ?? {}), rows };
}

function refuseLines(wrong: readonly string[]): void {
  if (wrong.length === 0) return;
  const more = wrong.length - MOST_NAMED;
  throw new Error([...wrong.slice(0, MOST_NAMED), ...(more > 0 ? [`and ${more} more`] : [])].join("; "));
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
