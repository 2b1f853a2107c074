import type { DuckDBConnection } from "@duckdb/node-api";
import type { Asked } from "./asked.ts";
import type { Column } from "./cells.ts";
import { isOutOfMemory } from "./locked-database.ts";
import { matchNumbers } from "./match-rows.ts";
import { readAtOnce } from "./read-at-once.ts";
import { readBySql } from "./read-by-sql.ts";
import { type ReadSource, readSource } from "./read-source.ts";
import { requireRange } from "./require-range.ts";
import { requireRoom } from "./require-room.ts";
import type { Source } from "./source.ts";

/** From here on it is worth a thread to read the second file while the first one is read. */
const LARGE_BYTES = 4 * 1024 ** 2;

/** The columns of both files in the order of the labels. */
export interface Laid {
  readonly rows: number;
  readonly columns: { readonly labels: readonly Column[]; readonly predictions: readonly Column[] };
}

/**
 * Reads files of plain numbers, the usual ones, straight into arrays: ids and labels that are whole numbers, and
 * values that are numbers. Null when something in them is another text: then they are loaded as tables.
 * @throws TablesDiffer when a file can't be read, a value is none, or the ids do not match one to one
 */
export async function loadNumbers(connection: DuckDBConnection, asked: Asked): Promise<Laid | null> {
  const { labels, predictions } = asked.sources;
  if ([labels, predictions].some((source) => source.file.positional || hasTexts(source))) return null;
  const read = await readBoth(connection, asked);
  if (!read) return null;
  const [truth, guess] = read;
  const placeOf = matchNumbers(truth.ids, guess.ids);
  if (!placeOf) return null;
  const columns = {
    labels: truth.columns,
    predictions: guess.columns.map((column) => placed(column, placeOf)),
  };
  for (const role of ["labels", "predictions"] as const) {
    for (const [at, { kinds }] of asked.sources[role].columns.values.entries()) {
      const { numbers } = columns[role][at] as Column;
      for (const kind of kinds) if (numbers) requireRange(numbers, kind);
    }
  }
  return { rows: truth.rows, columns };
}

/** Small files one after the other, large ones at once where there are threads and memory for that. */
async function readBoth(
  connection: DuckDBConnection,
  asked: Asked,
): Promise<readonly [ReadSource, ReadSource] | null> {
  const { labels, predictions } = asked.sources;
  if (asked.database.threads > 1 && [labels, predictions].every(({ file }) => file.bytes >= LARGE_BYTES)) {
    try {
      return await readAtOnce(asked);
    } catch (error) {
      if (!isOutOfMemory(error)) throw error;
    }
  }
  const read = (source: Source) =>
    readSource(source, (wanted) => readBySql(connection, source, wanted, asked.maxRows), asked.maxRows);
  const truth = await read(labels);
  // Before the other file is read in vain.
  if (!truth || truth.ids.includes(-1)) return null;
  requireRoom(truth.rows, asked.maxRows);
  const guess = await read(predictions);
  return guess && [truth, guess];
}

const hasTexts = ({ columns }: Source) => columns.values.some(({ kinds }) => kinds.includes("text"));

/** A column of the predictions with its rows where those of the labels are. */
export function placed({ numbers, labels, texts }: Column, placeOf: Int32Array): Column {
  return {
    ...(numbers ? { numbers: placedNumbers(numbers, placeOf) } : {}),
    ...(labels ? { labels: { ...labels, codes: placedCodes(labels.codes, placeOf) } } : {}),
    ...(texts ? { texts: placedTexts(texts, placeOf) } : {}),
  };
}

// One loop for each kind of array: a loop that sees several is several times slower.

function placedNumbers(from: Float64Array, placeOf: Int32Array): Float64Array {
  const into = new Float64Array(from.length);
  for (let row = 0; row < from.length; row += 1) into[placeOf[row] as number] = from[row] as number;
  return into;
}

function placedCodes(from: Uint32Array, placeOf: Int32Array): Uint32Array {
  const into = new Uint32Array(from.length);
  for (let row = 0; row < from.length; row += 1) into[placeOf[row] as number] = from[row] as number;
  return into;
}

function placedTexts(from: readonly string[], placeOf: Int32Array): string[] {
  const into = new Array<string>(from.length);
  for (let row = 0; row < from.length; row += 1) into[placeOf[row] as number] = from[row] as string;
  return into;
}
