import { sql } from "drizzle-orm";
import { type Database, type Db, migrate, openDatabase } from "../platform/database.ts";
import { events } from "../platform/schema.ts";

const RUN = `podium_test_${process.pid}`;
let shared: Promise<Database> | undefined;
let made = 0;

function serverUrl(): string {
  const url = process.env["TEST_DATABASE_URL"];
  if (!url)
    throw new Error(
      "These tests need a Postgres server: run them with `npm test -- PATH`, which starts one.",
    );
  return url;
}

async function createDatabase(name: string): Promise<string> {
  const server = openDatabase(serverUrl(), { max: 1 });
  await server.sql.unsafe(`create database ${name}`);
  await server.close();
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  await migrate(url.href);
  return url.href;
}

/** Thrown to roll back; never seen by a test. */
class Rollback extends Error {}

/** Runs a test in one transaction of a database that all tests share, and takes everything back afterwards. */
export async function withRollback(test: (tx: Db) => Promise<void>): Promise<void> {
  shared ??= createDatabase(RUN).then((url) => openDatabase(url, { max: 4 }));
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
  const name = `${RUN}_${++made}`;
  const url = await createDatabase(name);
  const database = openDatabase(url);
  try {
    await test(database, url);
  } finally {
    await database.close();
    const server = openDatabase(serverUrl(), { max: 1 });
    await server.sql.unsafe(`drop database if exists ${name} with (force)`);
    await server.close();
  }
}

/** Types of all events written so far, oldest first. */
export async function outboxTypes(db: Db): Promise<string[]> {
  const rows = await db.select({ type: events.type }).from(events).orderBy(sql`${events.id}`);
  return rows.map((row) => row.type);
}
