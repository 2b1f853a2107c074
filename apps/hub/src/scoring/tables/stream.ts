import type { DuckDBConnection } from "@duckdb/node-api";

export type Numbers = Float64Array | Int32Array | Uint32Array | Uint8Array;
/** How to make the array of a column, once the number of rows is known. */
type MakeNumbers = (rows: number) => Numbers;

/** Columns of numbers, none of them NULL, of a query's rows in their order. */
export async function readNumbers(
  connection: DuckDBConnection,
  sql: string,
  make: readonly MakeNumbers[],
): Promise<{ rows: number; arrays: Numbers[] }> {
  const result = await connection.run(sql);
  const rows = Number(result.rowCount);
  const arrays = make.map((one) => one(rows));
  // Each of these is a call into DuckDB: asked once.
  const chunks = result.chunkCount;
  // Chunk by chunk without waiting: a wait for each would cost more than the query.
  for (let at = 0, row = 0; at < chunks; at += 1) {
    const chunk = result.getChunk(at);
    const count = chunk.rowCount;
    for (const [column, array] of arrays.entries())
      array.set(itemsOf(chunk.getColumnVector(column)).subarray(0, count), row);
    row += count;
  }
  return { rows, arrays };
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
