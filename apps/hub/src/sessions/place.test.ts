import { describe, expect, test } from "bun:test";
import { listNodes } from "../nodes/index.ts";
import { devices } from "../nodes/schema.ts";
import { holdLease } from "../platform/leader.ts";
import { as, systemContext, type TestContext } from "../testing/context.ts";
import { counted, outboxTypes, withDatabase, withRollback } from "../testing/database.ts";
import {
  creditOf,
  ENDED,
  heartbeat,
  type Member,
  makeDataset,
  makeMember,
  makeNode,
  makeRunningSession,
  makeSession,
  makeTree,
  place,
  reload,
  report,
} from "../testing/factories.ts";
import { expireLeases } from "./expire.ts";
import { meterSessions } from "./meter.ts";
import { placeSessions } from "./place.ts";
import { applyPlacements } from "./placing/apply-placements.ts";
import { readSnapshot } from "./placing/read-snapshot.ts";
import { allocations } from "./schema.ts";
import { devicesOf, heldDevices, releaseDevices, updateSession } from "./store.ts";

test("a queued session is placed, gets its devices and pays its first minute in one step", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeSession(member, { resources: { gpus: 2 } });
    const nodeId = await makeNode(ctx, 4);
    await place(ctx);

    const placed = await reload(ctx, session);
    expect(placed).toMatchObject({ state: "placing", epoch: 1, nodeId });
    const devices = (await devicesOf(db, [placed.attemptId ?? ""])).get(placed.attemptId ?? "");
    expect(devices?.map((device) => device.index)).toEqual([0, 1]);
    expect(await creditOf(member)).toEqual({ available: 98, held: 2, spent: 0 });
    expect((await outboxTypes(db)).at(-1)).toBe("session.placed");
  }));

test("all that a session needs is counted: each of its datasets, its image and what its code has installed", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const datasets = ["films", "people"];
    for (const name of datasets) await makeDataset(member, name);
    const code_tree = await makeTree(member, { "main.py": "", "requirements.txt": "numpy\n" });
    const nodeId = await makeNode(ctx, 0, ["docker"]);
    const session = await makeSession(member, { datasets, code_tree, image: "ml:1" });
    const { environment } = session;
    const trees = session.datasets.map((mount) => mount.tree_id);
    const usage = { cpu_share: 0, memory_bytes: 0, disk_free_bytes: 0, devices: [] };
    await heartbeat(ctx, nodeId, [], {
      cached_trees: trees,
      cached_environments: [{ key: environment ?? "", build_seconds: 9 }],
      cached_images: [{ reference: "ml:1", size_bytes: 77 }],
      usage: { ...usage, fetch_bytes_per_second: 123 },
    });
    const { pending, nodes } = await readSnapshot(ctx);
    expect(pending).toMatchObject([
      {
        trees: [...trees, code_tree].map((id) => ({ id, size: expect.any(Number) })),
        image: "ml:1",
        imageBytes: 77,
        environment: { key: environment, buildSeconds: 9 },
      },
    ]);
    expect(nodes).toMatchObject([
      {
        cached: new Set(trees),
        environments: new Set([environment]),
        images: new Set(["ml:1"]),
        bandwidth: 123,
        runsImages: true,
      },
    ]);
  }));

test("what runs counts: a full node takes nothing more until something ends", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const first = await makeRunningSession(member, { resources: { gpus: 1 } });
    const second = await makeSession(member, { resources: { gpus: 1 } });
    await place(ctx);
    expect((await reload(ctx, second)).state).toBe("queued");
    await report(ctx, first, ENDED);
    await place(ctx);
    expect((await reload(ctx, second)).state).toBe("placing");
  }));

test("CPUs and memory are not promised twice", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const resources = { cpu_milli: 1500 };
    const three = [];
    for (let n = 0; n < 3; n++) three.push(await makeSession(member, { resources }));
    await makeNode(ctx);
    await place(ctx);
    await place(ctx);
    const states = [];
    for (const session of three) states.push((await reload(ctx, session)).state);
    expect(states).toEqual(["placing", "placing", "queued"]);
  }));

test("a team that can't pay the first minute is told; its devices stay free for others", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const poor = await makeMember(ctx, "participant", 1);
    const session = await makeSession(poor, { resources: { gpus: 2 } });
    await makeNode(ctx, 2);
    await place(ctx);
    expect(await reload(ctx, session)).toMatchObject({
      state: "failed",
      failure: { code: "credits_exhausted", message: expect.stringContaining("2 credits") },
    });
    expect((await heldDevices(db)).size).toBe(0);
    expect((await outboxTypes(db)).at(-1)).toBe("session.ended");
    expect(await creditOf(poor)).toEqual({ available: 1, held: 0, spent: 0 });
  }));

test("a session that its node failed goes elsewhere, so that one bad node can't use up all its tries", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const session = await makeRunningSession(await makeMember(ctx));
    const other = await makeNode(ctx, 1);
    const failure = {
      code: "platform_error",
      message: "its disk is gone",
      location: null,
      hint: null,
    } as const;
    await report(ctx, session, { ...ENDED, exit_code: null, failure });
    await place(ctx);
    expect(await reload(ctx, session)).toMatchObject({ state: "placing", nodeId: other });
  }));

test("a hub that leads no more places nothing", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const session = await makeSession(await makeMember(ctx));
    await makeNode(ctx);
    await placeSessions(ctx, { name: "scheduler", holder: "deposed", epoch: 1 });
    expect((await reload(ctx, session)).state).toBe("queued");
  }));

describe("what the scheduler sees", () => {
  test("a turn with nothing to do asks the database a handful of things, however many sessions run", () =>
    withRollback(async (db) => {
      const ctx = as(systemContext(db), { kind: "system" });
      const member = await makeMember(ctx);
      const asks = [];
      for (const more of [1, 6]) {
        for (let n = 0; n < more; n++) await makeRunningSession(member);
        const watched = counted(db);
        await placeSessions({ ...ctx, db: watched.db }, { name: "scheduler", holder: "test", epoch: 1 });
        await meterSessions({ ...ctx, db: watched.db });
        await expireLeases({ ...ctx, db: watched.db });
        asks.push(watched.asked());
      }
      expect(asks).toEqual([4, 4]);
    }));

  test("a team with a long queue hides nobody: everybody's oldest come first", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const [busy, other] = [await makeMember(ctx), await makeMember(ctx)];
      for (let n = 0; n < 3; n++) await makeSession(busy);
      const late = await makeSession(other);
      const first = await makeSession(busy, { priority: 100 });
      const { pending } = await readSnapshot(ctx);
      expect(pending.map(({ sessionId }) => sessionId).slice(0, 2)).toEqual([late.id, first.id]);
      expect(pending.map(({ urgency }) => urgency)).toEqual([0, 0, 0, 0, 0]);
    }));

  test("inference comes before training, whatever priority a team gives its training", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const training = await makeSession(member, { priority: 100 });
      const infer = await makeSession(member);
      await db.transaction((tx) => updateSession(tx, infer.id, { kind: "infer", priority: 10 }));
      const { pending } = await readSnapshot(ctx);
      expect(pending.map(({ sessionId, urgency }) => [sessionId, urgency])).toEqual([
        [infer.id, 10],
        [training.id, 0],
      ]);
    }));

  test("what a node's cache holds, and what each team uses", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const running = await makeRunningSession(member, { resources: { gpus: 3 } });
      await makeSession(member);
      const { nodes, usage } = await readSnapshot(ctx);
      expect(usage).toEqual(new Map([[member.team.id, 3]]));
      expect(nodes.find(({ id }) => id === running.nodeId)).toMatchObject({
        freeCpuMilli: 3500,
        freeMemoryBytes: 7.5 * 1024 ** 3,
        devices: [0, 0, 0].map((freeMilli) => ({ freeMilli })),
      });
    }));
});

test("shares of one device go to several sessions, each pays for its own; a whole one needs what none has", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const resources = { gpus: 1, gpu_milli: 500 };
    const halves = [await makeSession(member, { resources }), await makeSession(member, { resources })];
    const third = await makeSession(member, { resources: { gpus: 1, gpu_milli: 1 } });
    await makeNode(ctx, 1);
    await place(ctx);
    for (const half of halves) expect((await reload(ctx, half)).state).toBe("placing");
    expect((await reload(ctx, third)).state).toBe("queued");
    expect(await creditOf(member)).toMatchObject({ available: 99, held: 1 });
    expect((await listNodes(db)).map(({ used, freeMilli }) => [used, freeMilli])).toEqual([[1, 0]]);

    for (const half of halves) await report(ctx, half, { state: "running" });
    await report(ctx, halves[0] as { id: string }, ENDED);
    expect((await listNodes(db)).map(({ used, freeMilli }) => [used, freeMilli])).toEqual([[1, 500]]);
    await place(ctx);
    expect((await reload(ctx, third)).state).toBe("placing");
  }));

test("what is less urgent and may be preempted is asked to make room for what is more urgent, once", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const resources = { gpus: 1 };
    await makeRunningSession(member, { resources });
    const victim = await makeRunningSession(member, { resources, preemptible: true });
    const urgent = await makeSession(member, { resources });
    await db.transaction((tx) => updateSession(tx, urgent.id, { kind: "infer", priority: 10 }));
    const leadership = await holdLease(db, "scheduler", "test", 60_000);
    if (!leadership) throw new Error("no lease");
    for (const _ of ["once", "twice"]) await placeSessions(as(ctx, { kind: "system" }), leadership);
    expect(await reload(ctx, victim)).toMatchObject({
      state: "stopping",
      afterStop: "queued",
      stopReason: `makes room for ${urgent.name}, which is more urgent`,
    });
    expect((await outboxTypes(db)).filter((type) => type === "session.stopping")).toHaveLength(1);
  }));

describe("invariant 1: no device is held more than once", () => {
  /** Places a new session on these devices, in a transaction that stays open for a moment. @returns whether it was */
  async function grab(member: Member, nodeId: string, deviceIds: string[], milli = 1000): Promise<boolean> {
    const session = await makeSession(member);
    const placement = { sessionId: session.id, parts: [{ nodeId, deviceIds, milli }], score: 0 };
    await member.db.transaction(async (tx) => {
      await applyPlacements(member, tx, [placement]);
      await Bun.sleep(5);
    });
    return (await reload(member, session)).state === "placing";
  }

  const deviceIds = async (db: TestContext["db"]) =>
    (await db.select({ id: devices.id }).from(devices).orderBy(devices.index)).map(({ id }) => id);

  async function releaseTwice(db: TestContext["db"], attemptId: string, now: Date) {
    await db.transaction((tx) => releaseDevices(tx, attemptId, now));
    await db.transaction((tx) => releaseDevices(tx, attemptId, now));
  }

  test("of many who reach for the same devices at once, one gets them", () =>
    withDatabase(async ({ db }) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const nodeId = await makeNode(ctx, 2);
      const [first = "", second = ""] = await deviceIds(db);
      const tries = Array.from({ length: 8 }, (_, index) =>
        grab(member, nodeId, index % 2 === 0 ? [first, second] : [second]),
      );
      const won = (await Promise.all(tries)).filter((isPlaced) => isPlaced);
      expect(won).toHaveLength(1);
      expect(await creditOf(member)).toMatchObject({ held: (await heldDevices(db)).size });
    }));

  test("transactions that take shares of one device at once never hold more than all of it", () =>
    withDatabase(async ({ db }) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const nodeId = await makeNode(ctx, 1);
      const [device = ""] = await deviceIds(db);
      const milli = [400, 400, 400, 300, 300, 700, 1000, 1000];
      const outcomes = await Promise.all(milli.map((share) => grab(member, nodeId, [device], share)));
      const held = milli.filter((_, index) => outcomes[index]);
      const sum = held.reduce((total, share) => total + share, 0);
      expect(sum).toBeGreaterThan(0);
      expect(sum).toBeLessThanOrEqual(1000);
      const freeMilli = async () => (await listNodes(db))[0]?.freeMilli;
      expect(await freeMilli()).toBe(1000 - sum);

      const live = await db.select().from(allocations);
      expect(live).toHaveLength(held.length);
      for (const { attemptId } of live) await releaseTwice(db, attemptId, ctx.clock.now());
      expect(await freeMilli()).toBe(1000);
    }));

  test("what is written past the code is refused by the database too", () =>
    withDatabase(async ({ db, sql }) => {
      const member = await makeMember(systemContext(db));
      await makeRunningSession(member, { resources: { gpus: 1, gpu_milli: 600 } });
      await expect(sql.unsafe("update allocations set milli = 1001")).rejects.toThrow("allocations_milli");
      await expect(sql.unsafe("update allocations set milli = 0")).rejects.toThrow("allocations_milli");
      await expect(sql.unsafe("update devices set held_milli = 1001")).rejects.toThrow("devices_held_once");
      const twice =
        "insert into allocations (id, attempt_id, device_id, milli, created_at) select id || 'x', attempt_id, device_id, 1, created_at from allocations";
      await expect(sql.unsafe(twice)).rejects.toThrow();
      expect(await sql`select held_milli from devices`).toEqual([{ held_milli: 600 }]);
    }));

  test("two schedulers at once, one of them deposed, place each session once and give each device once", () =>
    withDatabase(async ({ db }) => {
      const ctx = as(systemContext(db), { kind: "system" });
      const member = await makeMember(ctx);
      const sessions = [];
      for (let n = 0; n < 6; n++) sessions.push(await makeSession(member, { resources: { gpus: 1 } }));
      await makeNode(ctx, 4);
      const leadership = await holdLease(db, "scheduler", "one", 60_000);
      if (!leadership) throw new Error("no lease");
      await Promise.all([
        placeSessions(ctx, leadership),
        placeSessions(ctx, leadership),
        placeSessions(ctx, { ...leadership, epoch: leadership.epoch - 1 }),
      ]);
      const placed = [];
      for (const session of sessions) placed.push(await reload(ctx, session));
      expect(placed.filter(({ state }) => state === "placing")).toHaveLength(4);
      expect(placed.every(({ epoch, state }) => epoch === (state === "placing" ? 1 : 0))).toBe(true);
      expect((await heldDevices(db)).size).toBe(4);
    }));

  test("placing, reporting and metering for one team at the same time wait for nobody in a circle", () =>
    withDatabase(async ({ db }) => {
      const ctx = as(systemContext(db), { kind: "system" });
      const member = await makeMember(ctx, "participant", 1000);
      const running = [];
      for (let n = 0; n < 6; n++) running.push(await makeRunningSession(member, { resources: { gpus: 1 } }));
      for (let n = 0; n < 6; n++) await makeSession(member, { resources: { gpus: 1 } });
      await makeNode(ctx, 6);
      ctx.clock.advance(55_000);
      await Promise.all([
        place(ctx),
        meterSessions(ctx),
        ...running.map((session) =>
          report(ctx, session, { ...ENDED, ended_at: ctx.clock.now().toISOString() }),
        ),
      ]);
      for (const session of running) expect((await reload(ctx, session)).state).toBe("succeeded");
      expect((await creditOf(member)).held).toBe(6);
    }));
});
