import { afterAll } from "bun:test";
import { sql } from "drizzle-orm";
import { type Database, type Db, openDatabase } from "../platform/database.ts";
import { events } from "../platform/schema.ts";
import { random32 } from "../platform/secrets.ts";
import { addressOf, ensureTemplate, exists, onServer } from "./template.ts";

// One process runs many test files, each with modules of its own: names must not clash, databases are found again.
const RUN = `podium_test_${process.pid}`;

let shared: Promise<Database> | undefined;
afterAll(async () => (await shared)?.close());

function serverUrl(): string {
  const url = process.env["TEST_DATABASE_URL"];
  if (!url)
    throw new Error(
      "These tests need a Postgres server: run them with `npm test -- PATH`, which starts one.",
    );
  return url;
}

async function ensureDatabase(name: string): Promise<string> {
  const server = serverUrl();
  const template = await ensureTemplate(server);
  await onServer(server, async (sql) => {
    if (!(await exists(sql, name))) await sql.unsafe(`create database ${name} template ${template}`);
  });
  return addressOf(server, name);
}

/** Thrown to roll back; never seen by a test. */
class Rollback extends Error {}

/** Runs a test in one transaction of a database that a process's tests share, and takes everything back afterwards. */
export async function withRollback(test: (tx: Db) => Promise<void>): Promise<void> {
  shared ??= ensureDatabase(RUN).then((url) => openDatabase(url, { max: 4 }));
  const { db } = await shared;
  try {
    await db.transaction(async (tx) => {
      await test(tx as unknown as Db);
      throw new Rollback();
    });
  } catch (error) {
    if (!(error instanceof Rollback)) throw error;
  }
}

/** Runs a test against a database of its own, for what must really commit: concurrency, triggers, crashes. */
export async function withDatabase(test: (database: Database, url: string) => Promise<void>): Promise<void> {
  const name = `${RUN}_${random32().toString(36)}`;
  const url = await ensureDatabase(name);
  const database = openDatabase(url);
  try {
    await test(database, url);
  } finally {
    await database.close();
    await onServer(serverUrl(), (server) => server.unsafe(`drop database if exists ${name} with (force)`));
  }
}

/** Types of all events written so far, oldest first. */
export async function outboxTypes(db: Db): Promise<string[]> {
  const rows = await db.select({ type: events.type }).from(events).orderBy(sql`${events.id}`);
  return rows.map((row) => row.type);
}

const ASKS = new Set(["select", "selectDistinctOn", "insert", "update", "delete", "execute", "transaction"]);

/** The same database, which counts what is asked of it; what a transaction asks counts as one. */
export function counted(db: Db): { db: Db; asked: () => number } {
  let asked = 0;
  const proxy = new Proxy(db, {
    get(target, property) {
      if (ASKS.has(String(property))) asked += 1;
      const value: unknown = Reflect.get(target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { db: proxy, asked: () => asked };
}
