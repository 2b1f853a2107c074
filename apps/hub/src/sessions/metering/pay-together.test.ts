import { expect, test } from "bun:test";
import { as, systemContext, type TestContext } from "../../testing/context.ts";
import { counted, withDatabase, withRollback } from "../../testing/database.ts";
import { creditOf, type Member, makeMember, makeRunningSession, reload } from "../../testing/factories.ts";
import { meterSessions } from "../meter.ts";
import { stopSession } from "../stop.ts";
import type { SessionRow } from "../store.ts";
import { payTogether } from "./pay-together.ts";

const GPU = { resources: { gpus: 1 } };

async function runningSessions(member: Member, count: number): Promise<SessionRow[]> {
  const sessions = [];
  for (let n = 0; n < count; n++) sessions.push(await makeRunningSession(member, GPU));
  return sessions;
}

/** @returns those that were left to be metered by themselves */
async function pay(ctx: TestContext, sessions: readonly SessionRow[]): Promise<string[]> {
  const ids = sessions.map(({ attemptId }) => attemptId ?? "");
  const until = new Date(ctx.clock.now().getTime() + 10_000);
  return ctx.db.transaction((tx) => payTogether(as(ctx, { kind: "system" }), tx, ids, until));
}

test("each pays its next minute once, and the one that it has used is settled", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, bob] = [await makeMember(ctx), await makeMember(ctx)];
    const sessions = [...(await runningSessions(ann, 2)), ...(await runningSessions(bob, 1))];
    ctx.clock.advance(55_000);
    expect(await pay(ctx, sessions)).toEqual([]);
    expect(await creditOf(ann)).toEqual({ available: 96, held: 4, spent: 0 });
    expect(await pay(ctx, sessions)).toHaveLength(3);
    expect(await creditOf(ann)).toEqual({ available: 96, held: 4, spent: 0 });
    ctx.clock.advance(60_000);
    expect(await pay(ctx, sessions)).toEqual([]);
    expect(await creditOf(ann)).toEqual({ available: 94, held: 4, spent: 2 });
    expect(await creditOf(bob)).toEqual({ available: 97, held: 2, spent: 1 });
  }));

test("one whose team can't pay, one that is stopping and one that is far behind are left to themselves", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [rich, poor] = [await makeMember(ctx), await makeMember(ctx, "participant", 1)];
    const [unpaid] = await runningSessions(poor, 1);
    const [pays, stopping] = await runningSessions(rich, 2);
    if (!unpaid || !pays || !stopping) throw new Error("too few sessions");
    await db.transaction((tx) => stopSession(ctx, tx, stopping.id, "not wanted"));
    ctx.clock.advance(55_000);
    const left = await pay(ctx, [unpaid, pays, stopping]);
    expect(left).toEqual([unpaid.attemptId ?? "", stopping.attemptId ?? ""]);
    expect(await creditOf(poor)).toEqual({ available: 0, held: 1, spent: 0 });
    ctx.clock.advance(300_000);
    expect(await pay(ctx, [pays])).toEqual([pays.attemptId ?? ""]);
  }));

test("ten that run cost the statements of one", () =>
  withRollback(async (db) => {
    const ctx = as(systemContext(db), { kind: "system" });
    const member = await makeMember(ctx, "participant", 1_000);
    const asked = [];
    for (const more of [1, 9]) {
      await runningSessions(member, more);
      ctx.clock.advance(55_000);
      const watched = counted(db);
      await meterSessions({ ...ctx, db: watched.db });
      asked.push(watched.asked());
      ctx.clock.advance(5_000);
    }
    expect(asked[1]).toBe(asked[0] ?? 0);
  }));

test("one that the database refuses keeps none of the others from paying", () =>
  withDatabase(async ({ db, sql }) => {
    const ctx = as(systemContext(db), { kind: "system" });
    const member = await makeMember(ctx);
    const [first, refused, last] = await runningSessions(member, 3);
    await sql.unsafe(
      `alter table usage_slices add constraint broken check (slice = 0 or attempt_id <> '${refused?.attemptId}')`,
    );
    ctx.clock.advance(55_000);
    await meterSessions(ctx);
    const paid = await sql`select attempt_id from usage_slices where slice = 1 order by attempt_id`;
    expect(paid.map((row) => row["attempt_id"])).toEqual([first?.attemptId, last?.attemptId]);
    expect(await creditOf(member)).toEqual({ available: 95, held: 5, spent: 0 });
    expect((await reload(ctx, refused as SessionRow)).state).toBe("running");
  }));
