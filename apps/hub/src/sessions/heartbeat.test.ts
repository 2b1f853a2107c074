import { describe, expect, test } from "bun:test";
import { type AttemptReport, RUNNER_PROTOCOL } from "@podium/shared";
import { findNode } from "../nodes/index.ts";
import { systemContext } from "../testing/context.ts";
import { counted, withRollback } from "../testing/database.ts";
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
  reportOf,
} from "../testing/factories.ts";
import { receiveFromNode } from "./heartbeat.ts";
import { stopSession } from "./stop.ts";
import { findAttempt } from "./store.ts";

const CAPACITY = { cpu_milli: 1000, memory_bytes: 2 ** 30, devices: [], executors: ["process" as const] };

test("the answer lists all that the node should run, and says which heartbeat it answers", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const session = await makeRunningSession(member);
    const sync = await heartbeat(member, session.nodeId, [], { sent_at: "2026-01-01T12:00:00+01:00" });
    expect(sync).toMatchObject({
      answers: "2026-01-01T12:00:00+01:00",
      lease_ms: 60_000,
      attempts: [{ attempt_id: session.attemptId, desired: "run", session: { id: session.id } }],
    });
    await db.transaction((tx) => stopSession(member, tx, session.id, "asked"));
    expect((await heartbeat(member, session.nodeId)).attempts).toMatchObject([
      { desired: "stop", stop_reason: "asked" },
    ]);
  }));

test("a runner of another protocol is refused in words", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const hello = { type: "hello" as const, protocol: RUNNER_PROTOCOL + 1, capacity: CAPACITY, attempts: [] };
    const answer = await receiveFromNode(ctx, await makeNode(ctx), hello, async () => new Map(), {
      replica: async () => undefined,
    });
    expect(answer).toMatchObject({
      type: "refused",
      message: expect.stringContaining("Install the same version"),
    });
  }));

test("a heartbeat extends the leases of all that the node holds", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const session = await makeRunningSession(await makeMember(ctx));
    ctx.clock.advance(50_000);
    await heartbeat(ctx, session.nodeId);
    const { leaseUntil } = (await findAttempt(db, session.attemptId ?? ""))?.attempt ?? {};
    expect(leaseUntil).toEqual(new Date("2026-01-01T12:01:50Z"));
  }));

test("one report that can't be taken stops none of the others", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const [first, second] = [await makeSession(member), await makeSession(member)];
    const nodeId = await makeNode(ctx);
    await place(member);
    const broken = reportOf(ctx, await reload(ctx, first), { started_at: "no time at all" });
    await heartbeat(ctx, nodeId, [broken, reportOf(ctx, await reload(ctx, second))]);
    expect((await reload(ctx, second)).state).toBe("running");
    expect((await reload(ctx, first)).state).toBe("placing");
  }));

test("a heartbeat without news costs the same, however many sessions run on the node", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const nodeId = await makeNode(ctx);
    const reports: AttemptReport[] = [];
    const asks = [];
    for (const more of [1, 5]) {
      const made = [];
      for (let n = 0; n < more; n++) made.push(await makeSession(member));
      await place(ctx);
      for (const each of made) reports.push(reportOf(ctx, await reload(ctx, each)));
      await heartbeat(ctx, nodeId, reports);
      const watched = counted(db);
      await heartbeat({ ...ctx, db: watched.db }, nodeId, reports);
      asks.push(watched.asked());
    }
    expect(asks[1]).toBe(asks[0] ?? 0);
    expect(asks[0]).toBeLessThanOrEqual(7);
  }));

describe("a node that was lost", () => {
  test("is back with its next heartbeat, and is told to kill what runs elsewhere now", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const session = await makeRunningSession(await makeMember(ctx));
      const nodeId = session.nodeId ?? "";
      await loseNodes(ctx);
      expect((await findNode(db, { id: nodeId }))?.state).toBe("lost");

      const stale = reportOf(ctx, session);
      expect((await heartbeat(ctx, nodeId, [stale])).attempts).toEqual([]);
      expect((await findNode(db, { id: nodeId }))?.state).toBe("lost");
      expect((await heartbeat(ctx, nodeId, [{ ...stale, ...ENDED }])).attempts).toEqual([]);
      expect((await findNode(db, { id: nodeId }))?.state).toBe("ready");
    }));

  test("gets nothing new while the old attempt still runs there: no device has two holders", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const session = await makeRunningSession(await makeMember(ctx), { resources: { gpus: 1 } });
      await loseNodes(ctx);
      await heartbeat(ctx, session.nodeId, [reportOf(ctx, session)]);
      await place(ctx);
      expect((await reload(ctx, session)).state).toBe("queued");

      await heartbeat(ctx, session.nodeId);
      await place(ctx);
      expect(await reload(ctx, session)).toMatchObject({
        state: "placing",
        nodeId: session.nodeId,
        epoch: 3,
      });
    }));

  test("is not taken back for what it said before it heard of that: such a message may come late", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const nodeId = await makeNode(ctx);
      const stateNow = async () => (await findNode(db, { id: nodeId }))?.state;
      expect((await heartbeat(ctx, nodeId, [], { fence: null })).fence).toBe(0);
      const session = await makeRunningSession(await makeMember(ctx));
      expect(session.nodeId).toBe(nodeId);
      await loseNodes(ctx);

      // Sent before the session came to it, and on its way since.
      for (const fence of [null, 0]) {
        await heartbeat(ctx, nodeId, [], { fence });
        expect(await stateNow()).toBe("lost");
      }
      const { fence } = await heartbeat(ctx, nodeId, [reportOf(ctx, session)], { fence: 0 });
      await heartbeat(ctx, nodeId, [reportOf(ctx, session)], { fence });
      expect(await stateNow()).toBe("lost");
      await heartbeat(ctx, nodeId, [], { fence });
      expect(await stateNow()).toBe("ready");
    }));
});
