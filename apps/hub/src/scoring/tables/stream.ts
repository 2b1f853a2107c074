import type { DuckDBConnection } from "@duckdb/node-api";

type Numbers = Float64Array | Int32Array | Uint32Array | Uint8Array;

/**
 * Copies columns of numbers, none of them NULL, into arrays that are long enough.
 * @param at  where the row of each place goes; omitted: as they come
 * @returns rows read
 */
export async function streamNumbers(
  connection: DuckDBConnection,
  sql: string,
  into: readonly Numbers[],
  at?: Int32Array,
): Promise<number> {
  const result = await connection.stream(sql);
  let row = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) return row;
    const rows = chunk.rowCount;
    for (const [column, target] of into.entries()) {
      const items = itemsOf(chunk.getColumnVector(column)).subarray(0, rows);
      if (row + rows > target.length) throw new RangeError("More rows than were counted.");
      if (!at) target.set(items, row);
      else for (let i = 0; i < rows; i += 1) target[at[row + i] as number] = items[i] as number;
    }
    row += rows;
  }
}

/** The vector's numbers without a step through an array of JavaScript values, which takes ten times as long. */
function itemsOf(vector: object): Numbers {
  const { items } = vector as { items?: Numbers };
  if (!ArrayBuffer.isView(items)) throw new TypeError("The query gives no plain numbers.");
  return items;
}

/** Copies a column of texts, none of them NULL, to the places that `at` names. */
export async function streamTexts(
  connection: DuckDBConnection,
  sql: string,
  into: string[],
  at?: Int32Array,
): Promise<void> {
  const result = await connection.stream(sql);
  let row = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) return;
    for (const text of chunk.getColumnValues(0)) {
      into[at ? (at[row] as number) : row] = text as string;
      row += 1;
    }
  }
}
