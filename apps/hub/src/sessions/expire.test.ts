import { describe, expect, test } from "bun:test";
import { findNode } from "../nodes/index.ts";
import { systemContext } from "../testing/context.ts";
import { outboxTypes, withDatabase, withRollback } from "../testing/database.ts";
import {
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
import { waitForRetry } from "../testing/life.ts";
import { expireLeases } from "./expire.ts";
import { stopSession } from "./stop.ts";
import { findAttempt, heldDevices } from "./store.ts";

test("a node that is heard of in time keeps what it holds", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const session = await makeRunningSession(await makeMember(ctx));
    ctx.clock.advance(ctx.settings.leaseMs);
    expect(await expireLeases(ctx)).toBe(0);
    expect((await findNode(db, { id: session.nodeId ?? "" }))?.state).toBe("ready");
    expect((await reload(ctx, session)).state).toBe("running");
  }));

describe("a hub whose clock is an hour off", () => {
  const HOUR = 3_600_000;

  test("and slow: its heartbeats shorten no lease", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const session = await makeRunningSession(await makeMember(ctx));
      ctx.clock.advance(-HOUR);
      await heartbeat(ctx, session.nodeId, [reportOf(ctx, session)]);
      ctx.clock.advance(HOUR);
      expect(await expireLeases(ctx)).toBe(0);
      expect((await reload(ctx, session)).state).toBe("running");
    }));

  test("and fast: what it has promised for an hour ends with a lease's time", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const session = await makeRunningSession(await makeMember(ctx));
      ctx.clock.advance(HOUR);
      await heartbeat(ctx, session.nodeId, [reportOf(ctx, session)]);
      ctx.clock.advance(-HOUR);
      expect(await expireLeases(ctx)).toBe(0);
      expect((await findNode(db, { id: session.nodeId ?? "" }))?.state).toBe("lost");
      await loseNodes(ctx);
      expect((await reload(ctx, session)).state).toBe("queued");
    }));

  test("and placed a session: its lease runs out at once, and the node is fenced though it was just seen", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const session = await makeSession(member);
      await makeNode(ctx);
      ctx.clock.advance(-HOUR);
      await place(ctx);
      ctx.clock.advance(HOUR);
      const { nodeId } = await reload(ctx, session);

      expect(await expireLeases(ctx)).toBe(1);
      expect((await findNode(db, { id: nodeId ?? "" }))?.state).toBe("lost");
      // Some of the events are an hour younger than the others: their order says nothing here.
      const types = await outboxTypes(db);
      expect(types.filter((type) => type === "node.changed")).toHaveLength(1);
      expect(types.filter((type) => type === "session.queued")).toHaveLength(2);
    }));
});

describe("a node that is silent for longer than its lease", () => {
  test("is fenced, its devices are freed, its session is queued again under a higher epoch", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const session = await makeRunningSession(await makeMember(ctx), { resources: { gpus: 1 } });
      expect((await heldDevices(db)).size).toBe(1);

      await loseNodes(ctx);

      expect((await findNode(db, { id: session.nodeId ?? "" }))?.state).toBe("lost");
      expect(await reload(ctx, session)).toMatchObject({
        state: "queued",
        epoch: 2,
        attemptId: null,
        startedAt: null,
      });
      expect((await findAttempt(db, session.attemptId ?? ""))?.attempt.state).toBe("lost");
      expect((await heldDevices(db)).size).toBe(0);
      expect((await outboxTypes(db)).at(-1)).toBe("session.queued");
      expect(await expireLeases(ctx)).toBe(0);
    }));

  test("gets nothing placed on it until it is back", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const session = await makeRunningSession(await makeMember(ctx));
      await loseNodes(ctx);
      await place(ctx);
      expect((await reload(ctx, session)).state).toBe("queued");
      await heartbeat(ctx, session.nodeId);
      await place(ctx);
      expect((await reload(ctx, session)).state).toBe("placing");
    }));

  test("a session that was being stopped there has stopped", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const session = await makeRunningSession(await makeMember(ctx));
      await db.transaction((tx) => stopSession(ctx, tx, session.id, "asked"));
      await loseNodes(ctx);
      expect((await reload(ctx, session)).state).toBe("stopped");
    }));
});

test("a session whose nodes are lost again and again fails in the end, and says so", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const session = await makeRunningSession(await makeMember(ctx));
    for (let placed = 1; placed < 5; placed++) {
      await loseNodes(ctx);
      await waitForRetry(ctx);
      await makeNode(ctx);
      await place(ctx);
      expect((await reload(ctx, session)).state).toBe("placing");
    }
    await loseNodes(ctx);
    expect(await reload(ctx, session)).toMatchObject({
      state: "failed",
      failure: {
        code: "node_lost",
        message: expect.stringMatching(/gave up after 5 tries.*nothing was charged.*not been heard of/),
        hint: expect.stringContaining("tell an administrator"),
      },
    });
  }));

test("a heartbeat and the expiry of its lease at the same moment agree on who holds the device", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx, "participant", 1000);
    for (let round = 0; round < 8; round++) {
      const session = await makeRunningSession(member, { resources: { gpus: 1 } });
      ctx.clock.advance(ctx.settings.leaseMs + 1);
      const [sync] = await Promise.all([
        heartbeat(ctx, session.nodeId, [reportOf(ctx, session)]),
        expireLeases(ctx),
      ]);
      const after = await reload(ctx, session);
      const node = await findNode(db, { id: session.nodeId ?? "" });
      if (after.state === "running") expect(sync.attempts).toHaveLength(1);
      else {
        expect(sync.attempts).toHaveLength(0);
        expect(node?.state).toBe("lost");
        await db.transaction((tx) => stopSession(ctx, tx, session.id, "next round"));
        continue;
      }
      await report(ctx, session, { state: "ended", exit_code: 0, final_seq: 0 });
    }
  }));
