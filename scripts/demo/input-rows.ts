import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { parseCsv } from "../../examples/lib/csv.ts";

type Row = Record<string, unknown>;

/** The rows of an inputs folder as JSON: numbers where a whole CSV column holds numbers, null for an empty cell. */
export async function inputRows(folder: string): Promise<Row[]> {
  const [name = ""] = (await readdir(folder)).filter((file) => /\.(csv|jsonl)$/.test(file));
  const text = await Bun.file(join(folder, name)).text();
  if (name.endsWith(".jsonl")) {
    return text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Row);
  }
  return typed(parseCsv(text));
}

function typed(rows: readonly Record<string, string>[]): Row[] {
  const columns = Object.keys(rows[0] ?? {});
  const numeric = new Set(
    columns.filter((column) => rows.every((row) => isNumberOrEmpty(row[column] ?? ""))),
  );
  const cell = (column: string, text: string) =>
    text === "" ? null : numeric.has(column) ? Number(text) : text;
  return rows.map((row) =>
    Object.fromEntries(columns.map((column) => [column, cell(column, row[column] ?? "")])),
  );
}

function isNumberOrEmpty(text: string): boolean {
  return text === "" || (/^[+-]?(\d|\.)/.test(text) && Number.isFinite(Number(text)));
}
