import { describe, expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { outboxTypes, withRollback } from "../testing/database.ts";
import {
  creditOf,
  ENDED,
  makeMember,
  makeRunningSession,
  place,
  reload,
  report,
} from "../testing/factories.ts";
import { ends, saves, waitForRetry } from "../testing/life.ts";
import { endAttempt, MAX_PLACEMENTS } from "./end.ts";
import { interruptSession } from "./interrupt.ts";
import { findAttempt, heldDevices, updateSession } from "./store.ts";

const fault = {
  code: "platform_error",
  message: "The disk of the node is gone.",
  location: null,
  hint: null,
} as const;
const mistake = {
  code: "user_error",
  message: "It raised ValueError.",
  location: "main.py:1",
  hint: null,
} as const;

test("devices are free, and the end is told, only once the node has confirmed the end", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const session = await makeRunningSession(await makeMember(ctx), { resources: { gpus: 2 } });
    await report(ctx, session, { state: "stopping" });
    expect((await heldDevices(db)).size).toBe(2);
    await report(ctx, session, ENDED);
    expect((await heldDevices(db)).size).toBe(0);
    expect((await outboxTypes(db)).at(-1)).toBe("session.ended");
  }));

test("a script that exits with another code than 0 has failed", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const session = await makeRunningSession(await makeMember(ctx));
    await report(ctx, session, { ...ENDED, exit_code: 3, failure: mistake });
    expect(await reload(ctx, session)).toMatchObject({ state: "failed", failure: mistake });
  }));

test("a fault of the platform starts the session again, up to a bound", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeRunningSession(member, { resources: { gpus: 1 } });
    for (let placed = 1; placed <= MAX_PLACEMENTS; placed++) {
      const before = await reload(ctx, session);
      expect(before.epoch).toBe(2 * placed - 1);
      ctx.clock.advance(30_000);
      await report(ctx, session, {
        ...ENDED,
        exit_code: null,
        failure: fault,
        ended_at: ctx.clock.now().toISOString(),
      });
      if (placed < MAX_PLACEMENTS)
        expect((await reload(ctx, session)).state).toBe(placed === 1 ? "queued" : "retrying");
      await waitForRetry(ctx);
      await place(ctx);
      if (placed < MAX_PLACEMENTS) await report(ctx, session, { state: "running" });
    }
    expect(await reload(ctx, session)).toMatchObject({
      state: "failed",
      failure: { code: "platform_error", message: expect.stringContaining("The disk of the node is gone.") },
    });
    expect(await creditOf(member)).toEqual({ available: 100, held: 0, spent: 0 });
  }));

describe("more faults than a session may cause are no reason to give it up", () => {
  async function interrupt(kind: "train" | "serve", code: "node_lost" | "platform_error", ranMs: number) {
    await withRollback(async (db) => {
      const ctx = systemContext(db);
      const session = await makeRunningSession(await makeMember(ctx));
      await db.transaction((tx) => updateSession(tx, session.id, { kind }));
      for (let faults = 1; faults <= MAX_PLACEMENTS + 2; faults++) {
        ctx.clock.advance(ranMs);
        const ended_at = ctx.clock.now().toISOString();
        await report(ctx, session, { ...ENDED, exit_code: null, failure: { ...fault, code }, ended_at });
        expect((await reload(ctx, session)).state).toBe("queued");
        await place(ctx);
        await report(ctx, session, { state: "running", started_at: ctx.clock.now().toISOString() });
      }
    });
  }

  test("when it ran for long each time", () => interrupt("train", "platform_error", 11 * 60_000));
  test("when it is an endpoint's model whose machine is restarted often", () =>
    interrupt("serve", "node_lost", 4_000));
});

test("an endpoint's model that its node loses pays for what it served until it was last heard of", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = {
      ...(await makeRunningSession(member, { resources: { gpus: 1 } })),
      kind: "serve" as const,
    };
    const found = await findAttempt(db, session.attemptId ?? "");
    if (!found) throw new Error("the attempt is gone");
    const endedAt = new Date(ctx.clock.now().getTime() + 90_000);
    const failure = { ...fault, code: "node_lost" as const };
    await db.transaction((tx) =>
      endAttempt(ctx, tx, found.attempt, session, { exitCode: null, failure, endedAt }),
    );
    expect(await creditOf(member)).toEqual({ available: 98.5, held: 0, spent: 1.5 });
    expect((await reload(ctx, session)).state).toBe("queued");
  }));

test("a failure of its own is tried again as often as was asked for, each time later, from its latest checkpoint", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeRunningSession(member, { retries: 2 });
    await saves(ctx, session, "epoch-3");
    const failed = { ...ENDED, exit_code: 1, failure: mistake, final_seq: 1 };
    await report(ctx, session, failed);
    expect(await reload(ctx, session)).toMatchObject({
      state: "retrying",
      retriesUsed: 1,
      retryAt: new Date(ctx.clock.now().getTime() + 10_000),
      checkpoint: { name: "epoch-3" },
      failure: null,
    });
    await place(ctx);
    expect((await reload(ctx, session)).state).toBe("retrying");
    await waitForRetry(ctx);
    for (const expected of ["retrying", "failed"] as const) {
      await place(ctx);
      await report(ctx, session, { state: "running" });
      await report(ctx, session, { ...failed, final_seq: 0 });
      expect((await reload(ctx, session)).state).toBe(expected);
      await waitForRetry(ctx);
    }
    expect(await reload(ctx, session)).toMatchObject({ retriesUsed: 2, failure: mistake });
  }));

test("a fault of the platform costs what that attempt cost, and no minute of those before it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeRunningSession(member, { resources: { gpus: 1 } });
    ctx.clock.advance(60_000);
    await db.transaction((tx) =>
      interruptSession(ctx, tx, { sessionId: session.id, next: "queued", reason: "preempted" }),
    );
    await ends(ctx, session);
    expect((await creditOf(member)).spent).toBe(1);
    await place(ctx);
    await report(ctx, session, { state: "running", started_at: ctx.clock.now().toISOString() });
    ctx.clock.advance(60_000);
    const ended_at = ctx.clock.now().toISOString();
    await report(ctx, session, { ...ENDED, exit_code: null, failure: fault, ended_at });
    expect(await creditOf(member)).toEqual({ available: 99, held: 0, spent: 1 });
  }));
