import { expect, test } from "bun:test";
import { assignmentSchema } from "@podium/shared";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import {
  ENDED,
  makeMember,
  makeNode,
  makeRunningSession,
  makeSession,
  place,
  reload,
  report,
} from "../testing/factories.ts";
import { assignmentsOf } from "./assignments.ts";
import { updateSession } from "./store.ts";

const noServing = async () => new Map();

test("a node is told all it needs for each of its attempts, and nothing of other nodes", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const mine = await makeRunningSession(member, {
      resources: { gpus: 2, cpu_milli: 4000 },
      args: ["--lr", "0.1"],
    });
    const other = await makeRunningSession(member);
    const [assignment, ...rest] = await assignmentsOf(ctx, mine.nodeId ?? "", noServing);
    expect(rest).toEqual([]);
    expect(assignmentSchema.parse(assignment)).toEqual(assignment as never);
    expect(assignment).toMatchObject({
      attempt_id: mine.attemptId,
      epoch: 1,
      desired: "run",
      args: ["--lr", "0.1"],
      devices: [0, 1],
      serving: null,
      session: { id: mine.id, kind: "train" },
    });
    expect(other.nodeId).not.toBe(mine.nodeId);
  }));

test("each attempt gets devices of its own", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    for (let n = 0; n < 3; n++) await makeSession(member, { resources: { gpus: 2 } });
    const nodeId = await makeNode(ctx, 6);
    await place(ctx);
    const devices = (await assignmentsOf(ctx, nodeId, noServing)).flatMap((assignment) => assignment.devices);
    expect(devices.sort()).toEqual([0, 1, 2, 3, 4, 5]);
  }));

test("what has ended is no longer asked for", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const session = await makeRunningSession(await makeMember(ctx));
    await report(ctx, session, ENDED);
    expect(await assignmentsOf(ctx, session.nodeId ?? "", noServing)).toEqual([]);
  }));

test("serving is described once for all replicas of a node, and only when there are any", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const sessions = [await makeSession(member), await makeSession(member)];
    const nodeId = await makeNode(ctx);
    await place(ctx);
    const asked: number[] = [];
    const describe = async (_: unknown, replicas: readonly unknown[]) => {
      asked.push(replicas.length);
      return new Map();
    };
    await assignmentsOf(ctx, nodeId, describe);
    expect(asked).toEqual([]);
    const serving = { binding_id: ctx.ids.next("binding"), max_batch: 1 };
    for (const { id } of sessions) await db.transaction((tx) => updateSession(tx, id, { serving }));
    await assignmentsOf(ctx, nodeId, describe);
    expect(asked).toEqual([2]);
    expect((await reload(ctx, sessions[0] ?? { id: "" })).serving).toEqual(serving);
  }));
