import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { withDatabase } from "../testing/database.ts";
import type { Database } from "./database.ts";
import { holdLease, isLeader, type Leadership, releaseLease, runAsLeader } from "./leader.ts";

const MINUTE_MS = 60_000;
const runOut = ({ sql }: Database) => sql`update leases set expires_at = now() - interval '1 second'`;
const leads = ({ db }: Database, leadership: Leadership | null) =>
  db.transaction(async (tx) => leadership !== null && (await isLeader(tx, leadership)));

test("of many hubs that ask at once, one leads; it renews under the same epoch", () =>
  withDatabase(async (database) => {
    const { db } = database;
    const asked = await Promise.all(
      Array.from({ length: 8 }, (_, hub) => holdLease(db, "scheduler", `hub-${hub}`, MINUTE_MS)),
    );
    const [leader, ...others] = asked.filter((leadership) => leadership !== null);
    expect(others).toEqual([]);
    expect(leader).toMatchObject({ name: "scheduler", epoch: 1 });
    expect(await holdLease(db, "scheduler", leader?.holder ?? "", MINUTE_MS)).toEqual(leader ?? null);
    expect(await leads(database, leader ?? null)).toBe(true);
  }));

test("leases of different duties don't touch one another", () =>
  withDatabase(async ({ db }) => {
    await holdLease(db, "scheduler", "a", MINUTE_MS);
    expect(await holdLease(db, "housekeeping", "b", MINUTE_MS)).toMatchObject({ holder: "b", epoch: 1 });
  }));

test("a lease that ran out goes to the next under a higher epoch, and the deposed leader's writes are void", () =>
  withDatabase(async (database) => {
    const { db } = database;
    const first = await holdLease(db, "scheduler", "a", MINUTE_MS);
    await runOut(database);
    const second = await holdLease(db, "scheduler", "b", MINUTE_MS);

    expect(second).toMatchObject({ holder: "b", epoch: 2 });
    expect(await leads(database, first)).toBe(false);
    expect(await leads(database, second)).toBe(true);
    expect(await holdLease(db, "scheduler", "a", MINUTE_MS)).toBeNull();
  }));

test("a leader that comes back to its own lease too late begins a new term", () =>
  withDatabase(async (database) => {
    const first = await holdLease(database.db, "scheduler", "a", MINUTE_MS);
    await runOut(database);
    expect(await holdLease(database.db, "scheduler", "a", MINUTE_MS)).toMatchObject({ epoch: 2 });
    expect(await leads(database, first)).toBe(false);
  }));

test("while a leader's write is under way, nobody can depose it", () =>
  withDatabase(async (database) => {
    const { db } = database;
    const first = await holdLease(db, "scheduler", "a", MINUTE_MS);
    await runOut(database);
    const order: string[] = [];
    let takeover: Promise<unknown> = Promise.resolve();
    await db.transaction(async (tx) => {
      expect(first && (await isLeader(tx, first))).toBe(true);
      takeover = holdLease(db, "scheduler", "b", MINUTE_MS).then(() => order.push("deposed"));
      await Promise.race([takeover, Bun.sleep(100)]);
      order.push("written");
    });
    await takeover;
    expect(order).toEqual(["written", "deposed"]);
  }));

test("a lease that is given up is free at once; one can give up only one's own", () =>
  withDatabase(async ({ db }) => {
    await holdLease(db, "scheduler", "a", MINUTE_MS);
    await releaseLease(db, { name: "scheduler", holder: "b" });
    expect(await holdLease(db, "scheduler", "b", MINUTE_MS)).toBeNull();
    await releaseLease(db, { name: "scheduler", holder: "a" });
    expect(await holdLease(db, "scheduler", "b", MINUTE_MS)).toMatchObject({ holder: "b", epoch: 2 });
  }));

test("a duty goes on after a fault, runs when it is woken, and a standby takes over when the leader stops", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const turns: string[] = [];
    let enough = Promise.withResolvers<void>();
    const start = (holder: string) =>
      runAsLeader(ctx, { name: "duty", holder, everyMs: 20, ttlMs: MINUTE_MS }, async () => {
        turns.push(holder);
        if (turns.length === 1) throw new Error("a fault");
        if (turns.length === 3) enough.resolve();
      });
    const first = start("a");
    await enough.promise;
    const standby = start("b");
    expect(new Set(turns)).toEqual(new Set(["a"]));

    turns.length = 1;
    enough = Promise.withResolvers<void>();
    await first.stop();
    turns.length = 1;
    standby.wake();
    await enough.promise;
    await standby.stop();
    expect(new Set(turns.slice(1))).toEqual(new Set(["b"]));
  }));

test("a turn that takes longer than the lease keeps it", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const ended = Promise.withResolvers<unknown>();
    const duty = { name: "duty", holder: "a", everyMs: MINUTE_MS, ttlMs: 300 };
    const leader = runAsLeader(ctx, duty, async () => {
      await Bun.sleep(900);
      ended.resolve(await holdLease(db, "duty", "b", MINUTE_MS));
    });
    expect(await ended.promise).toBeNull();
    await leader.stop();
  }));
