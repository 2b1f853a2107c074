import type { DuckDBConnection } from "@duckdb/node-api";
import type { Source } from "./source.ts";

/** The file as a table named by its role, unless it is one already. Its rows keep their order, by `rowid`. */
export async function ensureTable(connection: DuckDBConnection, { file, select }: Source): Promise<void> {
  await connection.run(`CREATE TABLE IF NOT EXISTS ${file.role} AS ${select}`);
}
