import { expect, test } from "bun:test";
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
    expect(await whyWaiting(ctx, first)).toMatchObject({ state: "queued", position: 1 });
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
    expect(await whyWaiting(ctx, session)).toEqual({ state: "queued", position: null, nodes: [] });
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
    expect(await whyWaiting(ctx, session)).toEqual({ state: "running", position: null, nodes: [] });
  }));
