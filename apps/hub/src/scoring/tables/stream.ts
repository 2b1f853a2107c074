import type { DuckDBConnection } from "@duckdb/node-api";
import { requireRoom } from "./require-room.ts";

export type Numbers = Float64Array | Int32Array | Uint32Array | Uint8Array;
/** How to make the array of a column, once the number of rows is known. */
type MakeNumbers = (rows: number) => Numbers;

/** Before it is known how many rows a query has. */
const FIRST_ROWS = 4_096;

/**
 * Columns of numbers, none of them NULL, of a query's rows in their order. They are taken as DuckDB makes them: a whole
 * result would be held twice, once by DuckDB and once as the pieces that JavaScript sees of it.
 * @param room  how many rows it has, if that is known, and how many it may have
 * @throws as `requireRoom`
 */
export async function readNumbers(
  connection: DuckDBConnection,
  sql: string,
  make: readonly MakeNumbers[],
  { expected = FIRST_ROWS, maxRows = Number.POSITIVE_INFINITY } = {},
): Promise<{ rows: number; arrays: Numbers[] }> {
  requireRoom(expected, maxRows);
  const result = await connection.stream(sql);
  let capacity = expected;
  let arrays = make.map((one) => one(capacity));
  let rows = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    const count = chunk?.rowCount ?? 0;
    if (!chunk || count === 0) return { rows, arrays: arrays.map((array) => array.subarray(0, rows)) };
    requireRoom(rows + count, maxRows);
    if (rows + count > capacity) {
      capacity = Math.max(rows + count, Math.min(2 * capacity, maxRows));
      arrays = arrays.map((array, at) => enlarged(array, (make[at] as MakeNumbers)(capacity)));
    }
    for (const [column, array] of arrays.entries())
      array.set(itemsOf(chunk.getColumnVector(column)).subarray(0, count), rows);
    rows += count;
  }
}

function enlarged(array: Numbers, larger: Numbers): Numbers {
  larger.set(array);
  return larger;
}

/** The vector's numbers without a step through an array of JavaScript values, which takes ten times as long. */
function itemsOf(vector: object): Numbers {
  const { items } = vector as { items?: Numbers };
  if (!ArrayBuffer.isView(items)) throw new TypeError("The query gives no plain numbers.");
  return items;
}

/** A column of texts, none of them NULL. */
export async function readTexts(connection: DuckDBConnection, sql: string): Promise<string[]> {
  const result = await connection.run(sql);
  const texts: string[] = [];
  for (let at = 0; at < result.chunkCount; at += 1) {
    for (const text of result.getChunk(at).getColumnValues(0)) texts.push(text as string);
  }
  return texts;
}
