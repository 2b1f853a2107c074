import { afterAll } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { type Database, type Db, migrate, openDatabase, type Sql } from "../platform/database.ts";
import { events } from "../platform/schema.ts";
import { random32, sha256 } from "../platform/secrets.ts";

// One process runs many test files, each with modules of its own: names must not clash, databases are found again.
const RUN = `podium_test_${process.pid}`;
const JOURNAL = join(import.meta.dir, "../../drizzle/meta/_journal.json");
const TEMPLATE = `podium_template_${sha256(readFileSync(JOURNAL)).slice(0, 8)}`;
const TEMPLATE_LOCK = 0x706f6474;

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

function urlOf(name: string): string {
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  return url.href;
}

async function onServer<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
  const server = openDatabase(serverUrl(), { max: 1 });
  try {
    return await work(server.sql);
  } finally {
    await server.close();
  }
}

const exists = async (server: Sql, name: string) =>
  (await server`select 1 from pg_database where datname = ${name}`).length > 0;

/** Migrates one database a server; all others are copies of it, which takes a tenth of the time. */
async function ensureTemplate(server: Sql): Promise<void> {
  await server`select pg_advisory_lock(${TEMPLATE_LOCK})`;
  if (!(await exists(server, TEMPLATE))) {
    const unfinished = `${TEMPLATE}_${random32()}`;
    await server.unsafe(`create database ${unfinished}`);
    await migrate(urlOf(unfinished));
    await server.unsafe(`alter database ${unfinished} rename to ${TEMPLATE}`);
  }
  await server`select pg_advisory_unlock(${TEMPLATE_LOCK})`;
}

async function ensureDatabase(name: string): Promise<string> {
  await onServer(async (server) => {
    if (await exists(server, name)) return;
    await ensureTemplate(server);
    await server.unsafe(`create database ${name} template ${TEMPLATE}`);
  });
  return urlOf(name);
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
    await onServer((server) => server.unsafe(`drop database if exists ${name} with (force)`));
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
