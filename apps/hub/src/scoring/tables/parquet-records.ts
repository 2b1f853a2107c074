import type { DuckDBConnection } from "@duckdb/node-api";
import { sqlName, sqlText } from "./locked-database.ts";
import type { TableColumns, TableRecord } from "./read-records.ts";
import type { TableFile } from "./table-file.ts";

/** The records of a Parquet file as texts, numbered by row; only for naming the row of an error. */
export async function* parquetRecords(
  connection: DuckDBConnection,
  file: TableFile,
  { id, values }: TableColumns,
): AsyncGenerator<TableRecord[]> {
  const texts = [id ?? "", ...values.map(({ name }) => name)].map(
    (name) => `CAST(${sqlName(name)} AS VARCHAR)`,
  );
  const result = await connection.stream(
    `SELECT ${texts.join(", ")} FROM read_parquet(${sqlText(file.path)}, hive_partitioning = false)`,
  );
  let line = 0;
  for (;;) {
    // A file that can't be read so far is explained as unreadable.
    const chunk = await result.fetchChunk().catch(() => null);
    if (!chunk || chunk.rowCount === 0) return;
    yield (chunk.getRows() as (string | null)[][]).map(([first, ...rest]) => {
      line += 1;
      return { line, id: first || null, values: rest.map((value) => value || null) };
    });
  }
}
