import { expect, test } from "bun:test";
import { systemContext, type TestContext } from "../testing/context.ts";
import { outboxTypes, withRollback } from "../testing/database.ts";
import {
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
} from "../testing/factories.ts";
import { ends, saves } from "../testing/life.ts";
import { type Interruption, interruptSession } from "./interrupt.ts";
import { stopSession } from "./stop.ts";
import { heldDevices, updateSession } from "./store.ts";

const GPU = { resources: { gpus: 1 } };

function interrupt(ctx: TestContext, session: { id: string }, next: Interruption["next"] = "queued") {
  const what = { sessionId: session.id, next, reason: "preempted" };
  return ctx.db.transaction((tx) => interruptSession(ctx, tx, what));
}

test("an interrupted session saves, frees its devices once its node has ended it, and goes on from there", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const session = await makeRunningSession(await makeMember(ctx), GPU);
    ctx.clock.advance(30_000);
    await interrupt(ctx, session);
    const [assignment] = (await heartbeat(ctx, session.nodeId)).attempts;
    expect(assignment).toMatchObject({ desired: "stop", stop_reason: "preempted", resumes: false });
    expect((await heldDevices(db)).size).toBe(1);

    await saves(ctx, session, "preempted");
    const queued = await ends(ctx, session, 1);
    expect(queued).toMatchObject({
      state: "queued",
      epoch: session.epoch + 1,
      attemptId: null,
      nodeId: null,
      afterStop: null,
      checkpoint: { name: "preempted" },
      ranMs: 30_000,
    });
    expect((await heldDevices(db)).size).toBe(0);

    await place(ctx);
    const again = await reload(ctx, session);
    const [next] = (await heartbeat(ctx, again.nodeId)).attempts;
    expect(next).toMatchObject({
      epoch: session.epoch + 2,
      checkpoint: { name: "preempted" },
      resumes: true,
      timeout_ms: session.timeoutMs - 30_000,
    });
  }));

test("what the old attempt says after it was put back changes nothing", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const session = await makeRunningSession(await makeMember(ctx));
    await interrupt(ctx, session);
    await ends(ctx, session);
    const before = await reload(ctx, session);
    await heartbeat(ctx, session.nodeId, [
      {
        attempt_id: session.attemptId as never,
        epoch: session.epoch,
        started_at: null,
        ended_at: null,
        replica: null,
        ...ENDED,
        failure: null,
      },
    ]);
    expect(await reload(ctx, session)).toEqual(before);
  }));

test("one that ends by itself before its node had to end it is done, and not run again", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    for (const [wasEnded, state] of [
      [false, "succeeded"],
      [true, "queued"],
      [null, "queued"],
    ] as const) {
      const session = await makeRunningSession(await makeMember(ctx));
      await interrupt(ctx, session);
      await report(ctx, session, { ...ENDED, was_ended: wasEnded });
      expect((await reload(ctx, session)).state).toBe(state);
    }
  }));

test("a node that is lost while it interrupts a session leaves it queued, or paused", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    for (const next of ["queued", "paused"] as const) {
      const session = await makeRunningSession(await makeMember(ctx));
      await interrupt(ctx, session, next);
      await loseNodes(ctx);
      expect((await reload(ctx, session)).state).toBe(next);
    }
  }));

test("of several wishes the lasting one wins: a pause over a requeue, a stop over both", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const session = await makeRunningSession(await makeMember(ctx));
    await interrupt(ctx, session);
    await interrupt(ctx, session, "paused");
    await interrupt(ctx, session);
    expect((await reload(ctx, session)).afterStop).toBe("paused");
    await db.transaction((tx) => stopSession(ctx, tx, session.id, "asked"));
    await expect(interrupt(ctx, session)).rejects.toMatchObject({ code: "conflict" });
    expect((await ends(ctx, session)).state).toBe("stopped");
    await expect(interrupt(ctx, session)).rejects.toMatchObject({ code: "conflict" });
  }));

test("what has no attempt is paused at once; queued again it is already", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const session = await makeSession(await makeMember(ctx));
    expect((await interrupt(ctx, session)).state).toBe("queued");
    expect((await interrupt(ctx, session, "paused")).state).toBe("paused");
    expect(await outboxTypes(db)).toEqual(["session.queued", "session.changed"]);
    await makeNode(ctx);
    await place(ctx);
    expect((await reload(ctx, session)).state).toBe("paused");
    await expect(interrupt(ctx, session)).rejects.toMatchObject({ code: "conflict" });
    const stopped = await db.transaction((tx) => stopSession(ctx, tx, session.id, "asked"));
    expect(stopped.state).toBe("stopped");
  }));

test("only training is paused; an unknown session is not found", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const session = await makeRunningSession(await makeMember(ctx));
    await db.transaction((tx) => updateSession(tx, session.id, { kind: "serve" }));
    await expect(interrupt(ctx, session, "paused")).rejects.toMatchObject({ code: "conflict" });
    const unknown = { id: ctx.ids.next("session") };
    await expect(interrupt(ctx, unknown)).rejects.toMatchObject({ code: "not_found" });
  }));
