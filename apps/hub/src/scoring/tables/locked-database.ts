import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

/**
 * Runs `work` with a DuckDB that lives in memory, reads the given paths and nothing else, writes nowhere, loads no
 * extension, spills nothing to disk and cannot be reconfigured. It is closed whatever happens.
 */
export async function withLockedDatabase<T>(
  options: { paths: readonly string[]; memoryBytes: number; threads: number },
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: `${options.memoryBytes}B`,
    threads: String(options.threads),
    temp_directory: "",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  try {
    const connection = await instance.connect();
    try {
      await connection.run(`SET allowed_paths = [${options.paths.map(sqlText).join(", ")}]`);
      await connection.run("SET enable_external_access = false");
      await connection.run("SET lock_configuration = true");
      return await work(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

/** The rows of a query, with JavaScript numbers for everything that fits one. */
export async function queryRows<T>(
  connection: DuckDBConnection,
  sql: string,
  values: (string | number)[] = [],
): Promise<T[]> {
  const result = await connection.run(sql, values);
  const rows = await result.getRowObjectsJS();
  return rows.map(
    (row) =>
      Object.fromEntries(
        Object.entries(row).map(([k, v]) => [k, typeof v === "bigint" ? Number(v) : v]),
      ) as T,
  );
}

/** A string literal of SQL. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A quoted identifier of SQL. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** True when DuckDB gave up because `memoryBytes` did not suffice. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && /out of memory|failed to allocate|could not allocate/i.test(error.message);
}
