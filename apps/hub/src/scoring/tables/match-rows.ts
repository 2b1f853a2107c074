import type { DuckDBConnection } from "@duckdb/node-api";
import { TablesDiffer } from "./explain-mismatch.ts";
import { streamNumbers } from "./stream.ts";

/**
 * For each row of the table `predictions`, the place of its id in the table `labels`.
 * @throws TablesDiffer unless the ids of the two match one to one
 */
export async function matchRows(connection: DuckDBConnection, rows: number): Promise<Int32Array> {
  return (await matchNumbers(connection, rows)) ?? (await matchTexts(connection, rows));
}

/** An id as a number when it is written as numbers are: "7", but not "07" or "7.0"; else −1. */
const NUMBER = "coalesce(CASE WHEN TRY_CAST(id AS INTEGER)::VARCHAR = id THEN TRY_CAST(id AS INTEGER) END, -1)";

/** By a table with a place for each number: many times faster than a join. Null where ids are other texts. */
async function matchNumbers(connection: DuckDBConnection, rows: number): Promise<Int32Array | null> {
  const ids = new Int32Array(rows);
  await streamNumbers(connection, `SELECT ${NUMBER} FROM labels`, [ids]);
  let largest = 0;
  for (const id of ids) {
    if (id < 0) return null;
    if (id > largest) largest = id;
  }
  if (largest > 4 * rows + 1_000_000) return null;
  const places = new Int32Array(largest + 1).fill(-1);
  for (let place = 0; place < rows; place += 1) {
    const id = ids[place] as number;
    if (places[id] !== -1) throw new TablesDiffer();
    places[id] = place;
  }
  await streamNumbers(connection, `SELECT ${NUMBER} FROM predictions`, [ids]);
  for (let row = 0; row < rows; row += 1) {
    const id = ids[row] as number;
    const place = id < 0 || id > largest ? -1 : (places[id] as number);
    // Taken, or never there. As many rows as labels, each in a place of its own: then none is missing.
    if (place === -1) throw new TablesDiffer();
    places[id] = -1;
    ids[row] = place;
  }
  return ids;
}

async function matchTexts(connection: DuckDBConnection, rows: number): Promise<Int32Array> {
  const result = await connection.stream(
    "SELECT l.rowid::INTEGER, p.rowid::INTEGER FROM predictions p JOIN labels l ON p.id = l.id",
  );
  const placeOf = new Int32Array(rows).fill(-1);
  const taken = new Uint8Array(rows);
  let pairs = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    const [places, own] = [chunk.getColumnValues(0) as number[], chunk.getColumnValues(1) as number[]];
    pairs += places.length;
    for (const [at, place] of places.entries()) {
      const row = own[at] as number;
      if (placeOf[row] !== -1 || taken[place] === 1) throw new TablesDiffer();
      placeOf[row] = place;
      taken[place] = 1;
    }
  }
  if (pairs !== rows) throw new TablesDiffer();
  return placeOf;
}
