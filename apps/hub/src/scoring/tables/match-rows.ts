import type { DuckDBConnection } from "@duckdb/node-api";
import { readNumbers } from "./stream.ts";
import { TablesDiffer } from "./tables-differ.ts";

/** SQL: an id or label as a number when it is written as whole numbers are: "7", but not "07" or "7.0"; else −1. */
export function wholeNumber(text: string): string {
  const number = `TRY_CAST(${text} AS INTEGER)`;
  return `coalesce(CASE WHEN ${number}::VARCHAR = ${text} THEN greatest(${number}, -1) END, -1)`;
}

/**
 * For each predicted id, its place among the labels' ids, by a table with a place for each number: many times faster
 * than a join. Null when ids are no whole numbers, or few among many.
 * @throws TablesDiffer unless the ids of the two match one to one
 */
export function matchNumbers(labels: Int32Array, predictions: Int32Array): Int32Array | null {
  const rows = labels.length;
  let largest = 0;
  let counted = true;
  const first = labels[0] as number;
  for (let row = 0; row < rows; row += 1) {
    const id = labels[row] as number;
    if (id < 0) return null;
    if (id > largest) largest = id;
    if (id !== first + row) counted = false;
  }
  if (largest > 4 * rows + 1_000_000) return null;
  if (rows === 0 || predictions.length !== rows) throw new TablesDiffer();
  return counted ? matchCounted(first, predictions) : matchByTable(labels, predictions, largest);
}

/** Labels whose ids count up from `first`: an id tells its place. Finds them in the predictions' own array. */
function matchCounted(first: number, predictions: Int32Array): Int32Array {
  const rows = predictions.length;
  const taken = new Uint8Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const place = (predictions[row] as number) - first;
    // As many rows as labels, each in a place of its own: then none is missing.
    if (place < 0 || place >= rows || taken[place] === 1) throw new TablesDiffer();
    taken[place] = 1;
    predictions[row] = place;
  }
  return predictions;
}

function matchByTable(labels: Int32Array, predictions: Int32Array, largest: number): Int32Array {
  const rows = labels.length;
  const places = new Int32Array(largest + 1).fill(-1);
  for (let place = 0; place < rows; place += 1) {
    const id = labels[place] as number;
    if (places[id] !== -1) throw new TablesDiffer();
    places[id] = place;
  }
  for (let row = 0; row < rows; row += 1) {
    const id = predictions[row] as number;
    const place = id < 0 || id > largest ? -1 : (places[id] as number);
    // Taken, or never there.
    if (place === -1) throw new TablesDiffer();
    places[id] = -1;
    predictions[row] = place;
  }
  return predictions;
}

/**
 * For each row of the table `predictions`, the place of its id in the table `labels`, by a join of texts.
 * @throws TablesDiffer unless the ids of the two match one to one
 */
export async function matchTexts(connection: DuckDBConnection, rows: number): Promise<Int32Array> {
  const int32 = (length: number) => new Int32Array(length);
  const joined = await readNumbers(
    connection,
    `SELECT l.rowid::INTEGER, p.rowid::INTEGER FROM predictions p JOIN labels l ON p.id = l.id LIMIT ${rows + 1}`,
    [int32, int32],
  );
  if (joined.rows !== rows) throw new TablesDiffer();
  const [places, own] = joined.arrays as [Int32Array, Int32Array];
  const placeOf = new Int32Array(rows).fill(-1);
  const taken = new Uint8Array(rows);
  for (let pair = 0; pair < rows; pair += 1) {
    const [place, row] = [places[pair] as number, own[pair] as number];
    if (placeOf[row] !== -1 || taken[place] === 1) throw new TablesDiffer();
    placeOf[row] = place;
    taken[place] = 1;
  }
  return placeOf;
}
