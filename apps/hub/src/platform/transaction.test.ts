import { expect, test } from "bun:test";
import type { Id } from "@podium/shared";
import { sql } from "drizzle-orm";
import { systemContext, type TestContext } from "../testing/context.ts";
import { withDatabase, withRollback } from "../testing/database.ts";
import { idempotencyOf } from "./idempotency.ts";
import { emit } from "./outbox.ts";
import { events, idempotencyKeys } from "./schema.ts";
import { inTransaction } from "./transaction.ts";

const keyed = (ctx: TestContext, fingerprint = "same", key = "key-1", actor = "usr_ann") => ({
  ...ctx,
  idempotency: { actor, key, fingerprint },
});
/** A write whose answer is new each time that it really runs. */
const write = (ctx: TestContext) =>
  inTransaction(ctx, async (tx) => {
    const id = ctx.ids.next("team");
    await emit(ctx, tx, { type: "node.changed", node_id: ctx.ids.next("node") });
    return { id };
  });
const written = async ({ db }: TestContext) => (await db.select().from(events)).length;

test("a retry gets the first answer and changes nothing", () =>
  withRollback(async (db) => {
    const ctx = keyed(systemContext(db));
    const first = await write(ctx);
    expect(await write(ctx)).toEqual(first);
    expect(await written(ctx)).toBe(1);
  }));

test("the key of one user, or another key, is another request", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const ids = [await write(keyed(ctx)), await write(keyed(ctx, "same", "key-2"))];
    ids.push(await write(keyed(ctx, "same", "key-1", "usr_bob")));
    expect(new Set(ids.map(({ id }) => id)).size).toBe(3);
  }));

test("the same key with another body is refused and changes nothing", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    await write(keyed(ctx));
    await expect(write(keyed(ctx, "another"))).rejects.toMatchObject({ code: "idempotency_mismatch" });
    expect(await written(ctx)).toBe(1);
  }));

test("without a key every request is a new one", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    expect(await write(ctx)).not.toEqual(await write(ctx));
  }));

test("an answer of nothing is remembered too", () =>
  withRollback(async (db) => {
    const ctx = keyed(systemContext(db));
    let runs = 0;
    const act = () =>
      inTransaction(ctx, async () => {
        runs += 1;
      });
    await act();
    expect(await act()).toBeUndefined();
    expect(runs).toBe(1);
  }));

test("eight twins at once make one row, and all get its answer", () =>
  withDatabase(async ({ db }) => {
    const ctx = keyed(systemContext(db));
    const answers = await Promise.all(Array.from({ length: 8 }, () => write(ctx)));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(await written(ctx)).toBe(1);
  }));

test("a crash on the way takes the key back with everything else, so that the retry does the work", () =>
  withDatabase(async ({ db, sql: raw }) => {
    const ctx = keyed(systemContext(db));
    const crash = inTransaction(ctx, async (tx) => {
      await emit(ctx, tx, { type: "node.changed", node_id: ctx.ids.next("node") as Id<"node"> });
      // What a power cut looks like to the database.
      await tx.execute(sql`select pg_terminate_backend(pg_backend_pid())`);
    });
    await expect(crash).rejects.toThrow();
    expect(await raw`select * from idempotency_keys`).toHaveLength(0);
    expect(await written(ctx)).toBe(0);

    await write(ctx);
    expect(await db.select().from(idempotencyKeys)).toHaveLength(1);
    expect(await written(ctx)).toBe(1);
  }));

const request = (
  body: string,
  headers: Record<string, string> = { "idempotency-key": "k" },
  path = "/teams",
) => new Request(`http://podium.test/api/v1${path}`, { method: "POST", body, headers });
const ann = { kind: "user", userId: "usr_ann", role: "participant", teams: [] } as const;

test("a request is recognised by its method, address and whole body", async () => {
  const of = async (asked: Request) => (await idempotencyOf(asked, ann))?.fingerprint;
  const large = "x".repeat(5 * 1024 ** 2);
  expect(await of(request("{}"))).toBe((await of(request("{}"))) ?? "");
  expect(await of(request("{ }"))).not.toBe((await of(request("{}"))) ?? "");
  expect(await of(request("{}", undefined, "/teams?x=1"))).not.toBe((await of(request("{}"))) ?? "");
  expect(await of(request(`${large}a`))).not.toBe((await of(request(`${large}b`))) ?? "");
});

test("reading requests, strangers and requests without a key have none; a key is 1 to 200 characters", async () => {
  expect(await idempotencyOf(request("{}", {}), ann)).toBeNull();
  expect(await idempotencyOf(request("{}"), { kind: "anonymous" })).toBeNull();
  const get = new Request("http://podium.test/", { headers: { "idempotency-key": "k" } });
  expect(await idempotencyOf(get, ann)).toBeNull();
  for (const key of ["", "x".repeat(201)]) {
    await expect(idempotencyOf(request("{}", { "idempotency-key": key }), ann)).rejects.toMatchObject({
      code: "invalid_request",
    });
  }
});
