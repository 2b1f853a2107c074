import { describe, expect, test } from "bun:test";
import { holdLease } from "../../platform/leader.ts";
import { decide } from "../../scheduling/index.ts";
import { as, systemContext, type TestContext } from "../../testing/context.ts";
import { counted, outboxTypes, withDatabase, withRollback } from "../../testing/database.ts";
import { creditOf, makeMember, makeNode, makeSession, place, reload } from "../../testing/factories.ts";
import { drain, makeGangNode, members } from "../../testing/gangs.ts";
import { placeSessions } from "../place.ts";
import { stopSession } from "../stop.ts";
import { heldDevices, type SessionRow, updateSession } from "../store.ts";
import { applyPlacements } from "./apply-placements.ts";
import { readSnapshot } from "./read-snapshot.ts";

const gpu = { resources: { gpus: 1 } };
const stateOf = async (ctx: TestContext, session: SessionRow) => (await reload(ctx, session)).state;

async function decided(ctx: TestContext) {
  return decide(await readSnapshot(ctx)).placements;
}

describe("placements that share a transaction", () => {
  test("one whose session was stopped after the decision takes none of the others with it", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const sessions = [];
      for (let n = 0; n < 3; n++) sessions.push(await makeSession(member, gpu));
      await makeNode(ctx, 3);
      const placements = await decided(ctx);
      const [first, stopped, last] = sessions as [SessionRow, SessionRow, SessionRow];
      await db.transaction((tx) => stopSession(ctx, tx, stopped.id, "not wanted"));

      await db.transaction((tx) => applyPlacements(ctx, tx, placements));

      expect(await stateOf(ctx, first)).toBe("placing");
      expect(await reload(ctx, stopped)).toMatchObject({ state: "stopped", epoch: 0, attemptId: null });
      expect(await stateOf(ctx, last)).toBe("placing");
      expect((await heldDevices(db)).size).toBe(2);
      expect(await creditOf(member)).toEqual({ available: 98, held: 2, spent: 0 });
    }));

  test("one whose node drains, or whose device was taken, waits on; the others are placed", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      for (let n = 0; n < 3; n++) await makeSession(member, gpu);
      for (let n = 0; n < 3; n++) await makeNode(ctx, 1);
      const placements = await decided(ctx);
      const [drains, taken, holds] = placements;
      if (!drains || !taken || !holds) throw new Error("too little was decided");
      const quicker = await makeSession(member, gpu);
      await db.transaction((tx) => applyPlacements(ctx, tx, [{ ...taken, sessionId: quicker.id }]));
      await drain(ctx, drains.parts[0]?.nodeId ?? "");

      await db.transaction((tx) => applyPlacements(ctx, tx, placements));

      const states = [];
      for (const { sessionId } of placements) states.push((await reload(ctx, { id: sessionId })).state);
      expect(states).toEqual(["queued", "queued", "placing"]);
      expect((await reload(ctx, { id: holds.sessionId })).nodeId).toBe(holds.parts[0]?.nodeId ?? "");
      expect(await creditOf(member)).toEqual({ available: 98, held: 2, spent: 0 });
    }));

  test("two that were promised the same device: the first has it", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const [first, second] = [await makeSession(member, gpu), await makeSession(member, gpu)];
      await makeNode(ctx, 1);
      const [placement] = await decided(ctx);
      if (!placement) throw new Error("nothing was decided");
      const both = [first, second].map(({ id }) => ({ ...placement, sessionId: id }));

      await db.transaction((tx) => applyPlacements(ctx, tx, both));

      expect(await stateOf(ctx, first)).toBe("placing");
      expect(await stateOf(ctx, second)).toBe("queued");
    }));

  test("a team pays for as many as it can, in their order; other teams' start all the same", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const poor = await makeMember(ctx, "participant", 2);
      const rich = await makeMember(ctx);
      const sessions = [];
      for (let n = 0; n < 3; n++) sessions.push(await makeSession(poor, gpu));
      const other = await makeSession(rich, gpu);
      const saved = await makeSession(poor, { ...gpu, priority: -1 });
      await db.transaction((tx) => updateSession(tx, saved.id, { epoch: 2 }));
      await makeNode(ctx, 5);

      await place(ctx);

      const states = [];
      for (const session of sessions) states.push(await stateOf(ctx, session));
      expect(states).toEqual(["placing", "placing", "failed"]);
      expect(await stateOf(ctx, other)).toBe("placing");
      expect(await reload(ctx, saved)).toMatchObject({ state: "paused", stopReason: "credits_exhausted" });
      const told = (await outboxTypes(db)).filter((type) => type === "credits.exhausted");
      expect(told).toHaveLength(1);
      expect(await creditOf(poor)).toEqual({ available: 0, held: 2, spent: 0 });
      expect((await heldDevices(db)).size).toBe(3);
    }));

  test("gangs among them get ports of their own", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      await makeGangNode(ctx, 4, { address: "10.0.0.1", first_port: 4000, last_port: 4003 });
      const gangs = [];
      for (let n = 0; n < 2; n++) gangs.push(await makeSession(member, { nodes: 2, ...gpu }));
      await place(ctx);
      const ports = [];
      for (const gang of gangs) ports.push(...(await members(ctx, gang)).map(({ port }) => port));
      expect(ports).toEqual([4000, 4001, 4002, 4003]);
    }));

  test("ask the database no more for ten of them than for one", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      await makeNode(ctx, 20);
      const asked = [];
      for (const count of [1, 10]) {
        for (let n = 0; n < count; n++) await makeSession(member, { resources: { gpus: 1, cpu_milli: 10 } });
        const placements = await decided(ctx);
        expect(placements).toHaveLength(count);
        const watched = counted(db);
        await watched.db.transaction((tx) => applyPlacements(ctx, tx, placements));
        asked.push(watched.asked());
      }
      expect(asked[1]).toBe(asked[0] ?? 0);
    }));
});

test("one that the database refuses holds up none of those it was placed together with", () =>
  withDatabase(async ({ db, sql: raw }) => {
    const ctx = as(systemContext(db), { kind: "system" });
    const member = await makeMember(ctx);
    const sessions = [];
    for (let n = 0; n < 3; n++) sessions.push(await makeSession(member, gpu));
    await makeNode(ctx, 3);
    const [first, refused, last] = sessions as [SessionRow, SessionRow, SessionRow];
    await raw.unsafe(`alter table attempts add constraint broken check (session_id <> '${refused.id}')`);
    const leadership = await holdLease(db, "scheduler", "test", 60_000);
    if (!leadership) throw new Error("no lease");

    await placeSessions(ctx, leadership);

    expect(await stateOf(ctx, first)).toBe("placing");
    expect(await reload(ctx, refused)).toMatchObject({ state: "queued", epoch: 0 });
    expect(await stateOf(ctx, last)).toBe("placing");
    expect(await creditOf(member)).toEqual({ available: 98, held: 2, spent: 0 });
    const placed = (await outboxTypes(db)).filter((type) => type === "session.placed");
    expect(placed).toHaveLength(2);
  }));

test("a session that somebody is changing is passed over, and nobody waits for it", () =>
  withDatabase(async ({ db }) => {
    const ctx = as(systemContext(db), { kind: "system" });
    const member = await makeMember(ctx);
    const [held, free] = [await makeSession(member, gpu), await makeSession(member, gpu)];
    await makeNode(ctx, 2);
    await db.transaction(async (tx) => {
      await stopSession(ctx, tx, held.id, "not wanted");
      await place(ctx);
      expect(await stateOf(ctx, free)).toBe("placing");
    });
    expect(await stateOf(ctx, held)).toBe("stopped");
  }));
