import { describe, expect, test } from "bun:test";
import { forkSessionSchema } from "@podium/shared";
import { readiness } from "../../nodes/index.ts";
import type { Placement } from "../../scheduling/index.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import {
  creditOf,
  heartbeat,
  makeMember,
  makeNode,
  makeSession,
  place,
  reload,
} from "../../testing/factories.ts";
import { drain, makeGangNode, members } from "../../testing/gangs.ts";
import { holdCheckpoint } from "../../testing/life.ts";
import { enqueueSession } from "../enqueue.ts";
import { interruptSession } from "../interrupt.ts";
import { forkSession } from "../life/fork.ts";
import { showSession, visibleSession } from "../show.ts";
import { heldDevices } from "../store.ts";
import { whyWaiting } from "../why.ts";
import { membersFor } from "./members.ts";
import { memberPlaces } from "./store.ts";

type Part = Placement["parts"][number];

const gang = { nodes: 2, resources: { gpus: 1 } };

describe("a gang is placed", () => {
  test("as a whole: an attempt, devices and the first minute of each member, and each is told where all are", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const nodes = [await makeGangNode(ctx), await makeGangNode(ctx)];
      const session = await makeSession(member, gang);
      await place(ctx);

      const placed = await reload(ctx, session);
      const parts = await members(ctx, session);
      expect(parts.map(({ rank, epoch, state }) => [rank, epoch, state])).toEqual([
        [0, 1, "placing"],
        [1, 1, "placing"],
      ]);
      expect(placed).toMatchObject({ state: "placing", epoch: 1, attemptId: parts[0]?.id });
      expect(parts.map(({ nodeId }) => nodeId).sort()).toEqual([...nodes].sort());
      expect((await heldDevices(db)).size).toBe(2);
      expect(await creditOf(member)).toEqual({ available: 98, held: 2, spent: 0 });

      const told = [];
      for (const { nodeId } of parts) told.push(...(await heartbeat(ctx, nodeId)).attempts);
      expect(told.map(({ attempt_id, gang }) => [attempt_id as string, gang?.rank])).toEqual(
        parts.map(({ id, rank }) => [id, rank]),
      );
      expect(told[0]?.gang?.members).toEqual(told[1]?.gang?.members ?? []);
      expect(told[0]?.gang?.members.map(({ port }) => port)).toEqual([29_500, 29_500]);
      expect(new Set(told[0]?.gang?.members.map(({ address }) => address)).size).toBe(2);
    }));

  test("not at all while there is room for a part of it; why says so", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      await makeGangNode(ctx);
      await makeGangNode(ctx);
      const blocking = await makeSession(member, { resources: { gpus: 1 } });
      await place(ctx);
      const session = await makeSession(member, gang);
      await place(ctx);
      expect(await reload(ctx, session)).toMatchObject({ state: "queued", epoch: 0 });
      expect(await members(ctx, session)).toEqual([]);
      expect(await whyWaiting(ctx, await reload(ctx, session))).toMatchObject({
        state: "queued",
        rule: "gang",
      });
      expect((await reload(ctx, blocking)).state).toBe("placing");
    }));

  test("on one node when that has room for several members, each with a port and devices of its own", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const session = await makeSession(await makeMember(ctx), { nodes: 3, resources: { gpus: 1 } });
      await makeGangNode(ctx, 4, { address: "10.0.0.1", first_port: 4000, last_port: 4009 });
      await place(ctx);
      const parts = await members(ctx, session);
      expect(parts.map(({ port }) => port)).toEqual([4000, 4001, 4002]);
      expect((await heldDevices(db)).size).toBe(3);
      const { attempts } = await heartbeat(ctx, parts[0]?.nodeId ?? "");
      expect(attempts.map(({ devices }) => devices)).toEqual([[0], [1], [2]]);
    }));

  test("with ports that no other gang at the same address has; without one left it waits", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const place3 = { address: "10.0.0.1", first_port: 4000, last_port: 4002 };
      await makeGangNode(ctx, 4, place3);
      const first = await makeSession(member, gang);
      await place(ctx);
      const second = await makeSession(member, gang);
      await place(ctx);
      expect((await members(ctx, first)).map(({ port }) => port)).toEqual([4000, 4001]);
      expect((await reload(ctx, second)).state).toBe("queued");
      expect((await heldDevices(db)).size).toBe(2);
    }));

  test("not on nodes that let no gangs in, with that reason; an ordinary session goes there", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      await makeNode(ctx, 2);
      await makeGangNode(ctx);
      await makeGangNode(ctx);
      const lone = await makeSession(member, { resources: { gpus: 2 } });
      const session = await makeSession(member, gang);
      const busy = await makeSession(member, { resources: { gpus: 1 }, priority: 1 });
      await place(ctx);
      expect((await reload(ctx, lone)).state).toBe("placing");
      expect((await reload(ctx, busy)).state).toBe("placing");
      const { nodes } = await whyWaiting(ctx, await reload(ctx, session));
      expect(nodes.map(({ reason }) => reason).join("; ")).toContain("PODIUM_GANG_ADDRESS");
    }));

  test("not when the team can't pay for all of it: nothing stays reserved, and its devices are free", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx, "participant", 1);
      await makeGangNode(ctx);
      await makeGangNode(ctx);
      const session = await makeSession(member, gang);
      await place(ctx);
      expect(await reload(ctx, session)).toMatchObject({
        state: "failed",
        failure: { code: "credits_exhausted" },
      });
      expect(await creditOf(member)).toEqual({ available: 1, held: 0, spent: 0 });
      expect((await heldDevices(db)).size).toBe(0);
    }));

  test("and counts as one that runs: the nodes' rest is known, and what it uses is its team's", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      await makeGangNode(ctx, 2);
      await makeGangNode(ctx, 2);
      const first = await makeSession(member, { nodes: 2, resources: { gpus: 2 } });
      await place(ctx);
      expect((await members(ctx, first)).length).toBe(2);
      const second = await makeSession(member, { resources: { gpus: 1 } });
      await place(ctx);
      const { nodes } = await whyWaiting(ctx, await reload(ctx, second));
      expect(nodes.map(({ reason }) => reason)).toEqual(["0 of 1 devices free", "0 of 1 devices free"]);
    }));
});

describe("a gang is refused at submission", () => {
  test("when all nodes together could never hold it, with what they could", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      await makeGangNode(ctx, 2);
      await makeGangNode(ctx, 1);
      await expect(makeSession(member, { nodes: 4, resources: { gpus: 1 } })).rejects.toMatchObject({
        code: "no_node_fits",
        message: expect.stringContaining("all 4 members of this at once: empty, they would have room for 3"),
      });
      expect((await makeSession(member, { nodes: 3, resources: { gpus: 1 } })).nodes).toBe(3);
    }));

  test("when no node lets gangs in; one member needs none", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      await makeNode(ctx, 2);
      await expect(makeSession(member, gang)).rejects.toMatchObject({
        code: "no_node_fits",
        message: expect.stringContaining("no network for gangs"),
      });
      expect((await makeSession(member, { ...gang, nodes: 1 })).state).toBe("queued");
    }));

  test("of another kind than training, and with a number of nodes that makes no sense", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      await makeGangNode(ctx, 4);
      const { id: _, state: __, teamId: ___, ...made } = await makeSession(member, gang);
      const spec = { ...made, team: member.team, kind: "infer" as const, forkedFrom: undefined };
      await expect(db.transaction((tx) => enqueueSession(member, tx, spec as never))).rejects.toMatchObject({
        code: "invalid_request",
      });
      for (const nodes of [0, -1, 1.5, 65, "2", null])
        await expect(makeSession(member, { nodes })).rejects.toThrow();
    }));
});

test("what has changed since the decision voids it: a gang is not placed with a member on a node that drains", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const nodeId = await makeGangNode(ctx);
    const other = await makeGangNode(ctx);
    const session = await makeSession(member, gang);
    expect(showSession(await visibleSession(member, session.id))).toMatchObject({ nodes: 2, members: [] });
    const parts = [other, nodeId].map((id) => ({ nodeId: id, deviceIds: [], milli: 1000 }));
    const apply = async (parts: Part[]) => {
      const surroundings = { nodes: await readiness(db, [nodeId, other]), ports: new Map() };
      return membersFor(ctx.ids, session, { sessionId: session.id, parts, score: 0 }, surroundings);
    };
    expect(await apply(parts)).toBeArrayOfSize(2);
    expect(await apply(parts.slice(1))).toContain("another number");
    await drain(ctx, nodeId);
    expect(await apply(parts)).toContain("takes nothing any more");
  }));

test("a gang that waits is paused like any other, and shown with its members once it is placed", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    await makeGangNode(ctx);
    await makeGangNode(ctx);
    const session = await makeSession(member, gang);
    await place(ctx);
    const shown = showSession(await visibleSession(member, session.id));
    expect(shown.members.map(({ rank, state }) => [rank, state])).toEqual([
      [0, "placing"],
      [1, "placing"],
    ]);
    expect(shown.members[0]?.node).toBe(shown.node ?? "");
    expect((await memberPlaces(db, [session.id])).get(session.id)?.length).toBe(2);
    const waiting = await makeSession(member, gang);
    const paused = await db.transaction((tx) =>
      interruptSession(ctx, tx, { sessionId: waiting.id, next: "paused", reason: "test" }),
    );
    expect(paused.state).toBe("paused");
  }));

test("a fork of a gang is a gang of as many members, unless another number is asked for", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    await makeGangNode(ctx, 4);
    const { id } = await makeSession(member, gang);
    const fork = (input: object) =>
      db.transaction((tx) => forkSession(member, tx, id, forkSessionSchema.parse(input), holdCheckpoint));
    expect((await fork({})).nodes).toBe(2);
    expect((await fork({ nodes: 3 })).nodes).toBe(3);
    await expect(fork({ nodes: 5 })).rejects.toMatchObject({ code: "no_node_fits" });
  }));
