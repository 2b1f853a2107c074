import { DuckDBInstance } from "@duckdb/node-api";

/** Writes what a query of DuckDB gives as a Parquet file. @param options as `COPY` has them, such as `, CODEC snappy` */
export async function writeParquet(path: string, query: string, options = ""): Promise<string> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  await connection.run(`COPY (${query}) TO '${path}' (FORMAT parquet${options})`);
  connection.closeSync();
  return path;
}
