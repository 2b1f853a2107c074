import { join } from "node:path";
import { sql } from "drizzle-orm";
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import { migrate as applyMigrations } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";

/** The database or an open transaction of it: everything that a store function can run on. */
export type Db = NodePgDatabase<Record<string, never>>;
export type Tx = Parameters<Parameters<Db["transaction"]>[0]>[0];

type Row = Record<string, unknown>;
/** A statement by itself, for what no table's store is about: ``sql`select ${1}` ``. */
export interface Sql {
  (text: TemplateStringsArray, ...values: unknown[]): Promise<Row[]>;
  /** Text as it is: for statements that take no parameters, such as `create database`. */
  unsafe(text: string): Promise<Row[]>;
}

export interface Database {
  db: Db;
  sql: Sql;
  close(): Promise<void>;
}

/** How long a request waits for a free connection, or for the server to take a new one. */
const CONNECT_MS = 15_000;

/** Opens a pool. Nothing is sent yet: `assertReachable` tells whether the address is any good. */
export function openDatabase(url: string, options: { max?: number } = {}): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max ?? 12,
    application_name: "podium-hub",
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
  });
  // A connection that breaks fails the query that is under way; the pool drops it. It must not end the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  const db = drizzle(pool) as Db;
  db.transaction = (work, config) => transact(pool, work, config);
  return { db, sql: statements(pool), close: () => pool.end() };
}

/**
 * A transaction on a connection of its own. drizzle's own over a pool loses the connection when `begin` fails, and
 * the reason when `rollback` does.
 */
async function transact<T>(
  pool: pg.Pool,
  work: (tx: Tx) => Promise<T>,
  config: Parameters<Db["transaction"]>[1],
): Promise<T> {
  const client = await pool.connect();
  let fault: { error: unknown } | undefined;
  let broken = false;
  try {
    const traced = (tx: Tx) =>
      work(tx).catch((error: unknown) => {
        fault = { error };
        throw error;
      });
    return await (drizzle(client) as Db).transaction(traced, config);
  } catch (error) {
    broken = error !== fault?.error;
    throw fault ? fault.error : error;
  } finally {
    client.release(broken);
  }
}

/**
 * The transaction's commit does not wait for the disk: a crash of Postgres may take it back, never in part, and never
 * what was committed before it. For writes that are then simply done again.
 */
export async function commitLazily(tx: Tx): Promise<void> {
  await tx.execute(sql`set local synchronous_commit = off`);
}

function statements(pool: pg.Pool): Sql {
  const run = (text: TemplateStringsArray, ...values: unknown[]) =>
    pool
      .query<Row>(
        text.reduce((all, part, index) => `${all}$${index}${part}`),
        values,
      )
      .then(({ rows }) => rows);
  return Object.assign(run, { unsafe: (text: string) => pool.query<Row>(text).then(({ rows }) => rows) });
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
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await applyMigrations(drizzle(client), { migrationsFolder: MIGRATIONS });
  } finally {
    await client.end();
  }
}
