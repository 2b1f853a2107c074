import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { systemContext } from "../testing/context.ts";
import { withDatabase } from "../testing/database.ts";
import { assertReachable, migrate, openDatabase } from "./database.ts";
import { emit } from "./outbox.ts";
import { events } from "./schema.ts";

test("a database that is not there gets one line that says where it was looked for", async () => {
  const database = openDatabase("postgres://podium:secret@127.0.0.1:1/podium");
  const call = assertReachable(database, "postgres://podium:secret@127.0.0.1:1/podium");
  await expect(call).rejects.toThrow(
    /^The database at 127\.0\.0\.1:1\/podium can't be reached \(.+\)\. Is Postgres running/,
  );
  await expect(call).rejects.not.toThrow("secret");
  await database.close();
});

test("a database that is up to date is migrated again without harm, by several hubs at once", () =>
  withDatabase(async ({ sql }, url) => {
    const [before] = await sql`select count(*) from drizzle.__drizzle_migrations`;
    await Promise.all([migrate(url), migrate(url), migrate(url)]);
    expect(await sql`select count(*) from drizzle.__drizzle_migrations`).toEqual([before ?? {}]);
  }));

test("when the database restarts, transactions under way fail whole and the next ones succeed on new connections", () =>
  withDatabase(async ({ db }, url) => {
    const ctx = systemContext(db);
    const write = () => emit(ctx, db, { type: "node.changed", node_id: ctx.ids.next("node") });
    const killer = openDatabase(url, { max: 1 });
    for (let round = 0; round < 5; round++) {
      const ready = Promise.withResolvers<void>();
      let begun = 0;
      const under = Array.from({ length: 12 }, () =>
        db.transaction(async (tx) => {
          await emit(ctx, tx, { type: "node.changed", node_id: ctx.ids.next("node") });
          begun += 1;
          if (begun === 12) ready.resolve();
          await tx.execute(sql`select pg_sleep(10)`);
        }),
      );
      const outcomes = Promise.allSettled(under);
      await ready.promise;
      await killer.sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
      expect(new Set((await outcomes).map(({ status }) => status))).toEqual(new Set(["rejected"]));
      // All twelve connections are free for others again.
      await Promise.all(Array.from({ length: 12 }, write));
    }
    await killer.close();
    expect(await db.select().from(events)).toHaveLength(60);
  }));

test("a transaction's own error is the one that its caller sees, also when the connection is gone", () =>
  withDatabase(async ({ db }) => {
    const call = db.transaction(async (tx) => {
      await tx.execute(sql`select pg_terminate_backend(pg_backend_pid())`).catch(() => undefined);
      throw new Error("what really happened");
    });
    await expect(call).rejects.toThrow("what really happened");
  }));
