import { expect, test } from "bun:test";
import { grantCredits } from "../credits/index.ts";
import { as, systemContext, type TestContext } from "../testing/context.ts";
import { outboxTypes, withDatabase, withRollback } from "../testing/database.ts";
import {
  creditOf,
  ENDED,
  heartbeat,
  loseNodes,
  type Member,
  makeMember,
  makeNode,
  makeRunningSession,
  makeSession,
  place,
  reload,
  report,
} from "../testing/factories.ts";
import { holdCheckpoint } from "../testing/life.ts";
import { resumeSession } from "./life/resume.ts";
import { meterSessions, reserveUntil, startMetering } from "./meter.ts";
import { meteredOf } from "./metered.ts";
import { lastSlice } from "./store.ts";

const GPU = { resources: { gpus: 1 } };
const SECOND = 1000;

/** Time passes in steps of a second, metered as the leader does it. */
async function run(ctx: TestContext, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    ctx.clock.advance(SECOND);
    await meterSessions(ctx);
  }
}

async function slices(member: Member, session: { id: string }): Promise<number> {
  const { attemptId } = await reload(member, session);
  return ((await lastSlice(member.db, attemptId ?? ""))?.slice ?? -1) + 1;
}

test("a minute is reserved at placement, and paid from the first line of code on", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeSession(member, GPU);
    await makeNode(member, 1);
    await place(member);
    expect(await creditOf(member)).toEqual({ available: 99, held: 1, spent: 0 });

    await run(ctx, 300);
    expect(await slices(member, session)).toBe(1);
    await report(member, session, { state: "running" });
    ctx.clock.advance(15 * SECOND);
    await report(member, session, { ...ENDED, ended_at: ctx.clock.now().toISOString() });
    expect(await creditOf(member)).toEqual({ available: 99.75, held: 0, spent: 0.25 });
  }));

test("a long session reserves its next minute ten seconds ahead and settles the ones before", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeRunningSession(member, GPU);
    const seen = [];
    for (const seconds of [50, 1, 49, 15]) {
      await run(ctx, seconds);
      seen.push(await creditOf(member));
    }
    expect(seen).toEqual([
      { available: 99, held: 1, spent: 0 },
      { available: 98, held: 2, spent: 0 },
      { available: 98, held: 2, spent: 0 },
      { available: 97, held: 2, spent: 1 },
    ]);
    ctx.clock.advance(5 * SECOND);
    await report(member, session, { ...ENDED, ended_at: ctx.clock.now().toISOString() });
    expect(await creditOf(member)).toEqual({ available: 98, held: 0, spent: 2 });
  }));

test("when the team's credit is used up, training is paused exactly when its last paid minute ends, and goes on later", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx, "participant", 2);
    const session = await makeRunningSession(member, GPU);
    await run(ctx, 119);
    expect((await reload(member, session)).state).toBe("running");
    await run(ctx, 1);
    expect(await reload(member, session)).toMatchObject({
      state: "stopping",
      stopReason: "credits_exhausted",
    });
    await run(ctx, 3);
    expect((await outboxTypes(db)).filter((type) => type === "credits.exhausted")).toHaveLength(1);

    await report(member, session, { ...ENDED, ended_at: ctx.clock.now().toISOString() });
    expect(await reload(member, session)).toMatchObject({
      state: "paused",
      stopReason: "credits_exhausted",
      nodeId: null,
      failure: null,
    });
    expect(await creditOf(member)).toEqual({ available: 0, held: 0, spent: 2 });

    const resume = () => db.transaction((tx) => resumeSession(member, tx, session.id, holdCheckpoint));
    await resume();
    await place(member);
    expect((await reload(member, session)).state).toBe("paused");
    await grantCredits(as(ctx, { kind: "system" }), { team: member.team.slug, amount: 1_000_000, memo: "" });
    await resume();
    await place(member);
    expect((await reload(member, session)).state).toBe("placing");
  }));

test("credit that comes in the last seconds keeps the session running", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx, "participant", 1);
    const session = await makeRunningSession(member, GPU);
    await run(ctx, 59);
    await grantCredits(as(ctx, { kind: "system" }), {
      team: member.team.slug,
      amount: 1_000_000,
      memo: "more",
    });
    await run(ctx, 30);
    expect((await reload(member, session)).state).toBe("running");
  }));

test("a session that ran while no hub was up pays for all of it, and stops at once when it can't", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const rich = await makeMember(ctx);
    const poor = await makeMember(ctx, "participant", 3);
    const [long, short] = [await makeRunningSession(rich, GPU), await makeRunningSession(poor, GPU)];
    ctx.clock.advance(600 * SECOND);
    await meterSessions(ctx);
    expect(await slices(rich, long)).toBe(11);
    expect((await reload(ctx, long)).state).toBe("running");
    expect(await slices(poor, short)).toBe(3);
    expect((await reload(ctx, short)).state).toBe("stopping");
  }));

test("a session that had ended while its node was cut off pays until its end, whatever was metered since", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const session = await makeRunningSession(member, GPU);
    await run(member, 30);
    const ended_at = member.clock.now().toISOString();
    await run(member, 100);

    await report(member, session, { ...ENDED, ended_at });
    expect(await creditOf(member)).toEqual({ available: 99.5, held: 0, spent: 0.5 });
  }));

test("a platform fault costs nothing, not even the minutes that were settled", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeRunningSession(member, GPU);
    await run(ctx, 200);
    expect((await creditOf(member)).spent).toBeGreaterThan(0);
    await loseNodes(ctx);
    expect((await reload(member, session)).state).toBe("queued");
    expect(await creditOf(member)).toEqual({ available: 100, held: 0, spent: 0 });

    await heartbeat(ctx, session.nodeId);
    await place(member);
    await report(member, session, { state: "running" });
    await report(member, session, ENDED);
    expect(await creditOf(member)).toEqual({ available: 100, held: 0, spent: 0 });
  }));

test("a session without devices is free, and still accounted for", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx, "participant", 0);
    const session = await makeRunningSession(member);
    await run(ctx, 130);
    expect(await slices(member, session)).toBe(3);
    expect((await reload(member, session)).state).toBe("running");
  }));

test("asking twice for the same time reserves it once", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeRunningSession(member, GPU);
    const until = new Date(ctx.clock.now().getTime() + 150 * SECOND);
    for (let times = 0; times < 2; times++) {
      await db.transaction(async (tx) => {
        const metered = await meteredOf(tx, { id: session.attemptId ?? "" }, session);
        expect(await reserveUntil(ctx, tx, metered, until)).toBeNull();
      });
    }
    expect(await creditOf(member)).toEqual({ available: 97, held: 3, spent: 0 });
  }));

test("the first minute begins when the code does", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const session = await makeRunningSession(await makeMember(ctx));
    const later = new Date("2026-01-01T13:00:00Z");
    await db.transaction((tx) => startMetering(tx, session.attemptId ?? "", later));
    expect(await lastSlice(db, session.attemptId ?? "")).toEqual({
      slice: 0,
      endsAt: new Date("2026-01-01T13:01:00Z"),
    });
  }));

test("two hubs that meter the same session at once reserve each minute once", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeRunningSession(member, GPU);
    ctx.clock.advance(175 * SECOND);
    await Promise.all(Array.from({ length: 6 }, () => meterSessions(ctx)));
    expect(await slices(member, session)).toBe(4);
    expect(await creditOf(member)).toEqual({ available: 96, held: 2, spent: 2 });
  }));
