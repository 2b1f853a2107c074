import { readFileSync } from "node:fs";
import { readTable } from "../read-table.ts";
import { openNpy } from "./npy.ts";
import { openParquet } from "./parquet.ts";
import { type RowFile, rowsInMemory } from "./row-file.ts";

const ROWS = /\.(csv|jsonl|json|npy|parquet)$/i;
/** A number as JSON writes it, that a double holds exactly enough to be written the same. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;

/** Whether a file of this name has rows that can be read. */
export const hasRows = (name: string): boolean => ROWS.test(name);

/**
 * The rows of a file: objects by the columns of a CSV file (cells that look like numbers are numbers), a JSONL or a
 * Parquet file; elements of a list of JSON; numbers or lists of them of an .npy array. Rejects with an `Error` that says
 * what is wrong with the file.
 */
export async function openRows(path: string): Promise<RowFile> {
  if (/\.npy$/i.test(path)) return openNpy(path);
  if (/\.parquet$/i.test(path)) return openParquet(path);
  if (/\.json$/i.test(path)) {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return rowsInMemory(Array.isArray(value) ? value : [value]);
  }
  const isCsv = /\.csv$/i.test(path);
  const rows = readTable(path).rows.map(({ values }) =>
    isCsv ? Object.fromEntries(Object.entries(values).map(([name, cell]) => [name, numeric(cell)])) : values,
  );
  return rowsInMemory(rows);
}

function numeric(cell: unknown): unknown {
  if (typeof cell !== "string" || !NUMBER.test(cell)) return cell;
  const number = Number(cell);
  const isExact = !/^-?\d+$/.test(cell) || Number.isSafeInteger(number);
  return isExact ? number : cell;
}
