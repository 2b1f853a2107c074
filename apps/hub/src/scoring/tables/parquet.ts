import type { DuckDBConnection } from "@duckdb/node-api";
import { type FileRole, fileError } from "./file-error.ts";
import { MAX_COLUMNS } from "./limits.ts";
import { queryRows, sqlText, withLockedDatabase } from "./locked-database.ts";

export interface ParquetColumn {
  readonly name: string;
  /** DuckDB's name of it. */
  readonly type: string;
}

/** A file's footer is read with no more memory than this. */
const FOOTER_MEMORY_BYTES = 128 * 1024 ** 2;

/**
 * The columns of a Parquet file, by its footer.
 * @param maxBytes  what all columns may have together, unpacked, as the footer says
 * @throws DomainError when it is no Parquet file or too large
 */
export async function parquetColumns(
  path: string,
  role: FileRole,
  maxBytes: number,
): Promise<ParquetColumn[]> {
  try {
    return await withLockedDatabase(
      { paths: [path], memoryBytes: FOOTER_MEMORY_BYTES, threads: 1 },
      (connection) => readFooter(connection, path, role, maxBytes),
    );
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === fileError(role, "too_large", "").code)
      throw error;
    throw fileError(role, "not_parseable", "can't be read as Parquet. Write it again with pandas or polars.");
  }
}

async function readFooter(
  connection: DuckDBConnection,
  path: string,
  role: FileRole,
  maxBytes: number,
): Promise<ParquetColumn[]> {
  const [size] = await queryRows<{ bytes: number; columns: number }>(
    connection,
    `SELECT coalesce(sum(total_uncompressed_size), 0)::BIGINT AS bytes, count(DISTINCT column_id) AS columns FROM parquet_metadata(${sqlText(path)})`,
  );
  if ((size?.columns ?? 0) > MAX_COLUMNS) {
    const rest = `has ${size?.columns} columns; at most ${MAX_COLUMNS} are read. Keep the id and the prediction.`;
    throw fileError(role, "too_many_columns", rest);
  }
  if ((size?.bytes ?? 0) > maxBytes) {
    const rest = `unpacks to ${size?.bytes} bytes; at most ${maxBytes} are allowed.`;
    throw fileError(role, "too_large", rest, { max_bytes: maxBytes });
  }
  const found = await queryRows<{ column_name: string; column_type: string }>(
    connection,
    `DESCRIBE SELECT * FROM read_parquet(${sqlText(path)}, hive_partitioning = false)`,
  );
  return found.map(({ column_name: name, column_type: type }) => ({ name, type }));
}
