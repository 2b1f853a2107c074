import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { count, makeVersions } from "../../testing/traffic.ts";
import { addKeyUsage, insertKey } from "../keys/store.ts";
import { endpointKeyUsage } from "../schema.ts";
import { takeReport, updateBinding } from "../store.ts";
import { totalsOf } from "../versions/store.ts";
import { trimCounts } from "./trim-counts.ts";
import { DEFAULT_KEPT } from "./trim-figures.ts";

const DAY_MS = 86_400_000;

test("a key's days go when hours' figures do, and never those that this month's quota counts", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { endpoint } = await makeVersions(ctx, 1);
    const id = ctx.ids.next("endpointKey");
    const now = ctx.clock.now();
    const row = { id, endpointId: endpoint.id, name: "k", sha256: id, createdAt: now };
    await db.transaction((tx) => insertKey(tx, row));
    const called = (at: Date) => db.transaction((tx) => addKeyUsage(tx, id, at, 1));
    const days = () => db.select({ day: endpointKeyUsage.day }).from(endpointKeyUsage);
    const atOf = (daysAgo: number) => new Date(now.getTime() - daysAgo * DAY_MS);
    for (const daysAgo of [0, 40, 729, 731, 900]) await called(atOf(daysAgo));

    expect((await trimCounts(ctx, DEFAULT_KEPT)).keyDays).toBe(2);
    expect(await days()).toHaveLength(3);
    expect((await trimCounts(ctx, DEFAULT_KEPT)).keyDays).toBe(0);

    ctx.clock.advance(27 * DAY_MS);
    const month = ctx.clock.now().toISOString().slice(0, 7);
    await called(new Date(`${month}-01T00:00:00Z`));
    await trimCounts(ctx, { 60: 0, 3600: 0 });
    const kept = (await days()).map(({ day }) => day);
    expect(kept).toContain(`${month}-01`);
    expect(kept.filter((day) => day < `${month}-01`)).toEqual([]);
  }));

test("counts of a version go a while after it was taken off; those of one that may be called stay", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { endpoint, versions } = await makeVersions(ctx, 2);
    const [first = "", second = ""] = versions.map(({ id }) => id);
    await count(ctx, endpoint, { 1: { calls: 5 }, 2: { calls: 7 } });
    await db.transaction((tx) => updateBinding(tx, second, { state: "stopped" }));
    const calls = async () => {
      const totals = await totalsOf(db, [first, second]);
      return [totals[first]?.calls, totals[second]?.calls];
    };
    ctx.clock.advance(DEFAULT_KEPT[60]);
    expect((await trimCounts(ctx, DEFAULT_KEPT)).versions).toBe(0);
    expect(await calls()).toEqual([5, 7]);
    ctx.clock.advance(1);
    expect((await trimCounts(ctx, DEFAULT_KEPT)).versions).toBe(1);
    expect(await calls()).toEqual([5, 0]);
  }));

test("usage reports go, but for each gateway's latest, and one that comes again is still known", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [busy, quiet] = ["a", "b"].map((digit) => `gtw_${digit.repeat(32)}`) as [string, string];
    const take = (gateway: string, sequence: number) =>
      db.transaction((tx) => takeReport(tx, gateway, sequence, ctx.clock.now()));
    for (const sequence of [1, 2, 3]) expect(await take(busy, sequence)).toBe(true);
    expect(await take(quiet, 7)).toBe(true);
    ctx.clock.advance(DEFAULT_KEPT[60]);
    expect((await trimCounts(ctx, DEFAULT_KEPT)).reports).toBe(0);
    ctx.clock.advance(1);
    expect((await trimCounts(ctx, DEFAULT_KEPT)).reports).toBe(2);
    for (const sequence of [1, 2, 3]) expect(await take(busy, sequence)).toBe(false);
    expect(await take(quiet, 7)).toBe(false);
    expect(await take(busy, 4)).toBe(true);
    expect((await trimCounts(ctx, DEFAULT_KEPT)).reports).toBe(1);
  }));
