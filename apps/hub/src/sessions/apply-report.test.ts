import { describe, expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { outboxTypes, withRollback } from "../testing/database.ts";
import {
  creditOf,
  ENDED,
  heartbeat,
  loseNodes,
  makeMember,
  makeNode,
  makeRunningSession,
  makeSession,
  place,
  reload,
  report,
  reportOf,
} from "../testing/factories.ts";
import { applyReport } from "./apply-report.ts";
import { stopSession } from "./stop.ts";
import { findAttempt, updateAttempt } from "./store.ts";

const HOUR = 3_600_000;

test("a session goes through its states as its node reports them", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const session = await makeSession(member);
    await makeNode(member);
    await place(member);
    const states = [];
    for (const what of [
      { state: "preparing", started_at: null } as const,
      { state: "running" } as const,
      ENDED,
    ]) {
      await report(member, session, what);
      states.push((await reload(member, session)).state);
    }
    expect(states).toEqual(["preparing", "running", "succeeded"]);
  }));

test("late, repeated and reordered reports change nothing that is newer", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const session = await makeRunningSession(member);
    const events = (await outboxTypes(db)).length;

    await report(member, session, { state: "preparing", started_at: null });
    await report(member, session, { state: "running" });
    expect((await reload(member, session)).state).toBe("running");

    await report(member, session, ENDED);
    await heartbeat(member, session.nodeId, [reportOf(member, session), reportOf(member, session, ENDED)]);
    expect((await reload(member, session)).state).toBe("succeeded");
    expect((await outboxTypes(db)).slice(events)).toEqual(["session.ended"]);
  }));

test("a script that fails tells why, with the place and a hint", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const session = await makeRunningSession(member);
    const failure = {
      code: "user_error",
      message: "no such file",
      location: "main.py:3",
      hint: null,
    } as const;
    await report(member, session, { ...ENDED, exit_code: 1, failure });
    expect(await reload(member, session)).toMatchObject({ state: "failed", failure });
  }));

test("a failure's text with characters that the database can't hold is kept without them", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const session = await makeRunningSession(member);
    const failure = {
      code: "user_error",
      message: "bad \u0000 byte \ud800",
      location: null,
      hint: null,
    } as const;
    await report(member, session, { ...ENDED, exit_code: 1, failure });
    expect((await reload(member, session)).failure?.message).toBe("bad \ufffd byte \ufffd");
  }));

test("a session is not over while records of it are missing", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const session = await makeRunningSession(member);
    await report(member, session, { ...ENDED, final_seq: 3 });
    expect((await reload(member, session)).state).toBe("running");
    await report(member, session, { ...ENDED, final_seq: null });
    expect((await reload(member, session)).state).toBe("running");

    await db.transaction((tx) => updateAttempt(tx, session.attemptId ?? "", { ackedSeq: 3 }));
    await report(member, session, { ...ENDED, final_seq: 3 });
    expect((await reload(member, session)).state).toBe("succeeded");
  }));

test("another node can't speak for an attempt", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const session = await makeRunningSession(member);
    const other = await makeNode(member);
    await heartbeat(member, other, [reportOf(member, session, ENDED)]);
    await db.transaction((tx) => applyReport(member, tx, other, reportOf(member, session, ENDED)));
    expect((await reload(member, session)).state).toBe("running");
  }));

test("what a replaced attempt says changes nothing", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeRunningSession(member);
    await loseNodes(ctx);
    await makeNode(member);
    await place(member);
    const again = await reload(member, session);
    expect(again.epoch).toBe(3);

    for (const stale of [
      reportOf(member, session, ENDED),
      { ...reportOf(member, again, ENDED), epoch: session.epoch },
    ]) {
      await heartbeat(member, session.nodeId, [stale]);
      for (const node of [session.nodeId, again.nodeId])
        await db.transaction((tx) => applyReport(member, tx, node ?? "", stale));
    }
    expect(await reload(member, session)).toMatchObject({ state: "placing", epoch: 3 });
  }));

test("a script that ends by itself while its node says `stopping` has succeeded; one that was asked to has stopped", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const alone = await makeRunningSession(member);
    await report(member, alone, { state: "stopping" });
    expect((await reload(member, alone)).state).toBe("running");
    await report(member, alone, ENDED);
    expect((await reload(member, alone)).state).toBe("succeeded");

    const asked = await makeRunningSession(member);
    await db.transaction((tx) => stopSession(member, tx, asked.id, "asked"));
    await report(member, asked, ENDED);
    expect(await reload(member, asked)).toMatchObject({ state: "stopped", stopReason: "asked" });
  }));

describe("time", () => {
  for (const [which, off] of [
    ["an hour ahead", HOUR],
    ["an hour behind", -HOUR],
    ["right", 0],
  ] as const) {
    test(`is right on a node whose clock is ${which}`, () =>
      withRollback(async (db) => {
        const ctx = systemContext(db);
        const member = await makeMember(ctx);
        const session = await makeSession(member, { resources: { gpus: 1 } });
        await makeNode(member, 1);
        await place(member);
        const { nodeId } = await reload(member, session);
        const nodeTime = () => new Date(ctx.clock.now().getTime() + off).toISOString();

        ctx.clock.advance(30_000);
        const started_at = nodeTime();
        ctx.clock.advance(2_000);
        const running = reportOf(ctx, await reload(member, session), { started_at });
        await heartbeat(ctx, nodeId, [running], { sent_at: nodeTime() });
        ctx.clock.advance(28_000);
        const ended = { ...running, ...ENDED, ended_at: nodeTime() };
        ctx.clock.advance(1_000);
        await heartbeat(ctx, nodeId, [ended], { sent_at: nodeTime() });

        expect(await reload(member, session)).toMatchObject({
          startedAt: new Date("2026-01-01T12:00:30Z"),
          endedAt: new Date("2026-01-01T12:01:00Z"),
        });
        expect(await creditOf(member)).toEqual({ available: 99.5, held: 0, spent: 0.5 });
      }));
  }

  test("that can't be is cut to what the hub knows", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const session = await makeSession(member);
      await makeNode(member);
      await place(member);
      ctx.clock.advance(1_000);
      const impossible = { started_at: "0001-01-01T00:00:00Z", ended_at: "9999-12-31T23:59:59Z" };
      await report(member, session, { ...ENDED, ...impossible });
      expect(await reload(member, session)).toMatchObject({
        startedAt: new Date("2026-01-01T12:00:00Z"),
        endedAt: new Date("2026-01-01T12:00:01Z"),
      });
    }));

  test("is paid for although the hub first heard of the session when it had ended", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const session = await makeSession(member, { resources: { gpus: 1 } });
      await makeNode(member, 1);
      await place(member);
      const started_at = ctx.clock.now().toISOString();
      ctx.clock.advance(5 * 60_000 + 30_000);
      const ended_at = ctx.clock.now().toISOString();
      await report(member, session, { ...ENDED, started_at, ended_at });
      expect(await creditOf(member)).toEqual({ available: 94.5, held: 0, spent: 5.5 });
    }));

  test("is not paid for while only records are on their way", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const session = await makeRunningSession(member, { resources: { gpus: 1 } });
      ctx.clock.advance(30_000);
      const ended_at = ctx.clock.now().toISOString();
      await report(member, session, { ...ENDED, ended_at, final_seq: 1 });
      ctx.clock.advance(HOUR);
      await db.transaction((tx) => updateAttempt(tx, session.attemptId ?? "", { ackedSeq: 1 }));
      await report(member, session, { ...ENDED, ended_at, final_seq: 1 });
      expect((await findAttempt(db, session.attemptId ?? ""))?.attempt.state).toBe("ended");
      expect(await creditOf(member)).toEqual({ available: 99.5, held: 0, spent: 0.5 });
    }));
});
