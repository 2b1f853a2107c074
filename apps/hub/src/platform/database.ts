import { join } from "node:path";
import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import { migrate as applyMigrations } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";

export type Sql = postgres.Sql;
/** The database or an open transaction of it: everything that a store function can run on. */
export type Db = PostgresJsDatabase<Record<string, never>>;
export type Tx = Parameters<Parameters<Db["transaction"]>[0]>[0];

export interface Database {
  db: Db;
  sql: Sql;
  close(): Promise<void>;
}

/** Opens a pool. Nothing is sent yet: `assertReachable` tells whether the address is any good. */
export function openDatabase(url: string, options: { max?: number } = {}): Database {
  const sql = postgres(url, {
    max: options.max ?? 12,
    onnotice: () => undefined,
    connection: { application_name: "podium-hub" },
  });
  return { db: drizzle(sql) as Db, sql, close: () => sql.end({ timeout: 5 }) };
}

/** Throws one line for people when the database does not answer. */
export async function assertReachable(database: Database, url: string): Promise<void> {
  try {
    await database.sql`select 1`;
  } catch (cause) {
    const { hostname, port, pathname } = new URL(url);
    const reason =
      cause instanceof Error ? cause.message || String((cause as { code?: string }).code) : String(cause);
    throw new Error(
      `The database at ${hostname}:${port || 5432}${pathname} can't be reached (${reason}). Is Postgres running, and is DATABASE_URL right?`,
      { cause },
    );
  }
}

const MIGRATIONS = join(import.meta.dir, "../../drizzle");
const MIGRATION_LOCK = 0x706f6469;

/** Brings the schema up to date. Several hubs may start at once: an advisory lock lets one at a time do it. */
export async function migrate(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    await sql`select pg_advisory_lock(${MIGRATION_LOCK})`;
    await applyMigrations(drizzle(sql), { migrationsFolder: MIGRATIONS });
  } finally {
    await sql.end({ timeout: 5 });
  }
}
