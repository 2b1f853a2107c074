import { describe, expect, test } from "bun:test";
import { as, systemContext, type TestContext } from "../../testing/context.ts";
import { outboxTypes, withRollback } from "../../testing/database.ts";
import {
  creditOf,
  ENDED,
  heartbeat,
  makeMember,
  makeSession,
  place,
  reload,
  reportOf,
} from "../../testing/factories.ts";
import { makeGangNode, makeRunningGang, members, reportMember, writes } from "../../testing/gangs.ts";
import { waitForRetry } from "../../testing/life.ts";
import { expireLeases } from "../expire.ts";
import { interruptSession } from "../interrupt.ts";
import { meterSessions } from "../meter.ts";
import { stopSession } from "../stop.ts";
import { heldDevices, type SessionRow } from "../store.ts";

const mistake = {
  code: "user_error",
  message: "It raised ValueError.",
  location: "main.py:1",
  hint: null,
} as const;
const fault = { ...mistake, code: "platform_error", message: "The disk of the node is gone." } as const;
/** How a member ends that was told to stop. */
const STOPPED = { ...ENDED, exit_code: 137, was_ended: true } as const;

/** What the nodes of the members that are left are told to do. */
async function orders(ctx: TestContext, session: SessionRow) {
  const told = [];
  for (const { nodeId } of await members(ctx, session)) told.push(...(await heartbeat(ctx, nodeId)).attempts);
  return told.map(({ desired, stop_reason, grace_ms }) => ({ desired, stop_reason, grace_ms }));
}

describe("a gang", () => {
  test("is as far as its slowest member, and runs once all of them do", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      await makeGangNode(ctx);
      await makeGangNode(ctx);
      const session = await makeSession(await makeMember(ctx), { nodes: 2, resources: { gpus: 1 } });
      await place(ctx);
      const preparing = { state: "preparing", started_at: null } as const;
      await reportMember(ctx, session, 0, preparing);
      expect((await reload(ctx, session)).state).toBe("placing");
      await reportMember(ctx, session, 1, preparing);
      expect((await reload(ctx, session)).state).toBe("preparing");
      await reportMember(ctx, session, 1);
      expect((await reload(ctx, session)).state).toBe("preparing");
      const first = ctx.clock.now();
      ctx.clock.advance(1000);
      await reportMember(ctx, session, 0);
      expect(await reload(ctx, session)).toMatchObject({ state: "running", startedAt: first });
    }));

  test("has succeeded when all members have ended well; each frees its devices and stops paying by itself", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const session = await makeRunningGang(member);
      ctx.clock.advance(30_000);
      await reportMember(ctx, session, 1, { state: "stopping" });
      expect((await reload(ctx, session)).state).toBe("running");
      await reportMember(ctx, session, 1, ENDED);
      expect((await reload(ctx, session)).state).toBe("running");
      expect((await heldDevices(db)).size).toBe(1);
      expect(await creditOf(member)).toEqual({ available: 98.5, held: 1, spent: 0.5 });
      expect((await orders(ctx, session)).map(({ desired }) => desired)).toEqual(["run"]);
      ctx.clock.advance(15_000);
      await reportMember(ctx, session, 0, ENDED);
      expect(await reload(ctx, session)).toMatchObject({ state: "succeeded", failure: null });
      expect((await heldDevices(db)).size).toBe(0);
      expect(await creditOf(member)).toEqual({ available: 98.75, held: 0, spent: 1.25 });
      expect((await outboxTypes(db)).at(-1)).toBe("session.ended");
    }));

  test("pays its next minute for each member", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      await makeRunningGang(member);
      ctx.clock.advance(55_000);
      await meterSessions(as(ctx, { kind: "system" }));
      expect(await creditOf(member)).toMatchObject({ available: 96, held: 4 });
    }));
});

describe("when a member fails", () => {
  test("the others are stopped at once, and the session fails as one for its reason", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const session = await makeRunningGang(await makeMember(ctx));
      await reportMember(ctx, session, 1, { ...ENDED, exit_code: 1, failure: mistake });
      expect((await reload(ctx, session)).state).toBe("running");
      expect(await outboxTypes(db)).toContain("session.stopping");
      expect(await orders(ctx, session)).toEqual([
        { desired: "stop", stop_reason: "member 1 of its gang is gone", grace_ms: 0 },
      ]);
      ctx.clock.advance(1000);
      await reportMember(ctx, session, 0, STOPPED);
      expect(await reload(ctx, session)).toMatchObject({
        state: "failed",
        failure: { ...mistake, message: "Member 1: It raised ValueError." },
      });
      expect((await heldDevices(db)).size).toBe(0);
    }));

  test("what the others say of it later is not the cause", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const session = await makeRunningGang(await makeMember(ctx));
      const endedAt = ctx.clock.now().toISOString();
      await reportMember(ctx, session, 1, { ...ENDED, exit_code: 1, failure: mistake, ended_at: endedAt });
      ctx.clock.advance(1000);
      const later = { ...mistake, message: "Connection reset by peer." };
      await reportMember(ctx, session, 0, { ...ENDED, exit_code: 1, failure: later });
      expect((await reload(ctx, session)).failure?.message).toBe("Member 1: It raised ValueError.");
    }));

  test("the session is tried again as one, as often as was asked for", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const session = await makeRunningGang(await makeMember(ctx), {
        nodes: 2,
        resources: { gpus: 1 },
        retries: 1,
      });
      await reportMember(ctx, session, 0, { ...ENDED, exit_code: 1, failure: mistake });
      await reportMember(ctx, session, 1, STOPPED);
      expect(await reload(ctx, session)).toMatchObject({ state: "retrying", retriesUsed: 1, epoch: 2 });
      await waitForRetry(ctx);
      await place(ctx);
      expect((await members(ctx, session)).map(({ epoch }) => epoch)).toEqual([3, 3]);
    }));

  test("by a fault of the platform, nobody pays for any member, and it is queued again", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const session = await makeRunningGang(member);
      ctx.clock.advance(30_000);
      const broken = { ...mistake, message: "Connection reset by peer." };
      await reportMember(ctx, session, 0, { ...ENDED, exit_code: 1, failure: broken });
      await reportMember(ctx, session, 1, { ...ENDED, exit_code: null, failure: fault });
      expect(await reload(ctx, session)).toMatchObject({ state: "queued", epoch: 2, attemptId: null });
      expect(await creditOf(member)).toEqual({ available: 100, held: 0, spent: 0 });
    }));
});

describe("when the node of a member is lost", () => {
  /** Only the node of this member is heard of while every lease runs out. */
  async function loseOthers(ctx: TestContext, session: SessionRow, heard: number): Promise<void> {
    const { leaseMs } = ctx.settings;
    ctx.clock.advance(leaseMs / 2 + 1);
    await reportMember(ctx, session, heard);
    ctx.clock.advance(leaseMs / 2 + 1);
    await expireLeases(as(ctx, { kind: "system" }));
  }

  test("the others are stopped, and the session is queued again once they have: its devices stay theirs till then", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const session = await makeRunningGang(member);
      await loseOthers(ctx, session, 0);
      expect((await members(ctx, session)).map(({ state }) => state)).toEqual(["running", "lost"]);
      expect((await reload(ctx, session)).epoch).toBe(1);
      expect((await heldDevices(db)).size).toBe(1);
      expect((await orders(ctx, session)).map(({ desired }) => desired)).toEqual(["stop"]);
      await reportMember(ctx, session, 0, STOPPED);
      expect(await reload(ctx, session)).toMatchObject({ state: "queued", epoch: 2 });
      expect((await heldDevices(db)).size).toBe(0);
      expect(await creditOf(member)).toEqual({ available: 100, held: 0, spent: 0 });
    }));

  test("all of the old placement is void afterwards: no member can write, and every node is told to drop it", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const session = await makeRunningGang(await makeMember(ctx));
      const old = await members(ctx, session);
      await loseOthers(ctx, session, 1);
      await reportMember(ctx, session, 1, STOPPED);
      expect((await reload(ctx, session)).epoch).toBe(2);
      for (const { id, nodeId, epoch } of old) {
        const line = { type: "log", seq: 1, at: ctx.clock.now().toISOString(), text: "late" } as const;
        await expect(writes(ctx, { id, nodeId, epoch }, [line])).rejects.toMatchObject({
          code: "stale_epoch",
        });
        const report = reportOf(ctx, { attemptId: id, epoch } as SessionRow);
        expect((await heartbeat(ctx, nodeId, [report])).attempts).toEqual([]);
      }
      expect(await reload(ctx, session)).toMatchObject({ state: "queued", epoch: 2 });
    }));
});

describe("a gang that is to stop", () => {
  test("stops on every node, with its grace, and has stopped once all members have", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const session = await makeRunningGang(await makeMember(ctx));
      await db.transaction((tx) => stopSession(ctx, tx, session.id, "asked by its owner"));
      const told = (await outboxTypes(db)).filter((type) => type === "session.stopping");
      expect(told.length).toBe(2);
      const stop = { desired: "stop" as const, stop_reason: "asked by its owner", grace_ms: 10_000 };
      expect(await orders(ctx, session)).toEqual([stop, stop]);
      await reportMember(ctx, session, 0, STOPPED);
      expect((await reload(ctx, session)).state).toBe("stopping");
      expect(await orders(ctx, session)).toEqual([stop]);
      await reportMember(ctx, session, 1, STOPPED);
      expect(await reload(ctx, session)).toMatchObject({ state: "stopped", failure: null });
    }));

  test("for a pause is paused as one, and goes on as one", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const session = await makeRunningGang(await makeMember(ctx));
      ctx.clock.advance(5000);
      await db.transaction((tx) =>
        interruptSession(ctx, tx, { sessionId: session.id, next: "paused", reason: "test" }),
      );
      await reportMember(ctx, session, 1, STOPPED);
      await reportMember(ctx, session, 0, { ...ENDED, was_ended: false });
      expect(await reload(ctx, session)).toMatchObject({ state: "paused", epoch: 2, ranMs: 5000 });
    }));

  test("and ends well by itself on every node meanwhile, has succeeded", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const session = await makeRunningGang(await makeMember(ctx));
      await db.transaction((tx) =>
        interruptSession(ctx, tx, { sessionId: session.id, next: "queued", reason: "test" }),
      );
      for (const rank of [1, 0]) await reportMember(ctx, session, rank, { ...ENDED, was_ended: false });
      expect((await reload(ctx, session)).state).toBe("succeeded");
    }));
});
