import { expect, test } from "bun:test";
import { listNodes } from "../nodes/index.ts";
import { apiOf } from "../testing/api.ts";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember, makeNode, makeRunningSession, makeSession } from "../testing/factories.ts";
import { whyWaiting } from "./why.ts";

test("a waiting session says its place and what every node lacks for it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    await makeNode(ctx, 2);
    await makeSession(member, { resources: { gpus: 2 } });
    const first = await makeSession(member, { resources: { gpus: 1 } });
    const second = await makeSession(member, { resources: { gpus: 2 } });
    // Both devices are needed by the one that starts with the next turn.
    expect(await whyWaiting(ctx, first)).toMatchObject({ state: "queued", position: 1, rule: "turn" });
    expect(await whyWaiting(ctx, second)).toMatchObject({
      position: 2,
      nodes: [{ reason: "0 of 2 devices free" }],
    });
  }));

test("one that starts with the next turn waits for nothing", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const session = await makeSession(await makeMember(ctx));
    await makeNode(ctx);
    expect(await whyWaiting(ctx, session)).toEqual({
      state: "queued",
      position: null,
      starts_at: ctx.clock.now().toISOString(),
      rule: null,
      nodes: [],
    });
  }));

test("without nodes that is the reason", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const session = await makeSession(await makeMember(ctx));
    const { nodes, position } = await whyWaiting(ctx, session);
    expect(position).toBe(1);
    expect(nodes).toEqual([{ node: "(none)", reason: "no node is connected to this hub" }]);
  }));

test("a session that runs waits for nothing", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const session = await makeRunningSession(await makeMember(ctx));
    expect(await whyWaiting(ctx, session)).toEqual({
      state: "running",
      position: null,
      starts_at: null,
      rule: null,
      nodes: [],
    });
  }));

test("what runs says by its time limit when a place will be free; a share says what of a device it needs", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    await makeRunningSession(member, { resources: { gpus: 1, gpu_milli: 700 }, timeout_ms: 3_600_000 });
    const session = await makeSession(member, { resources: { gpus: 1, gpu_milli: 400 } });
    expect(await whyWaiting(ctx, session)).toMatchObject({
      position: 1,
      rule: "room",
      starts_at: new Date(ctx.clock.now().getTime() + 3_600_000).toISOString(),
      nodes: [{ reason: "no device with 0.4 of it free" }],
    });
  }));

test("who is ahead in the queue counts: each is given its time limit in turn", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const HOUR = 3_600_000;
    const at = (hours: number) => new Date(ctx.clock.now().getTime() + hours * HOUR).toISOString();
    const whole = (hours: number) => ({ resources: { gpus: 1 }, timeout_ms: hours * HOUR });
    await makeRunningSession(member, whole(1));
    const second = await makeSession(member, whole(2));
    const third = await makeSession(member, whole(3));
    const fourth = await makeSession(member, whole(4));
    const starts = async (session: typeof second) => (await whyWaiting(ctx, session)).starts_at;
    expect([await starts(second), await starts(third), await starts(fourth)]).toEqual([at(1), at(3), at(6)]);
  }));

test("a node that drains is named with that as its reason", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const session = await makeSession(await makeMember(ctx));
    await makeNode(ctx);
    const [node] = (await listNodes(db)).map(({ node: { name } }) => name);
    await apiOf(await makeMember(ctx, "admin")).ask("POST", `/nodes/${node}/drain`);
    expect(await whyWaiting(ctx, session)).toMatchObject({
      position: 1,
      rule: "room",
      nodes: [{ node, reason: "draining: it takes nothing new" }],
    });
  }));
