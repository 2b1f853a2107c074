import { expect, test } from "bun:test";
import type { GivenUsage, Id } from "@podium/shared";
import type { SessionRow } from "../../sessions/index.ts";
import { apiOf } from "../../testing/api.ts";
import { systemContext, type TestContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import {
  ENDED,
  loseNodes,
  makeMember,
  makeNode,
  makeRunningSession,
  makeSession,
  place,
  reload,
  report,
  reportOf,
} from "../../testing/factories.ts";
import { IDLE_SOON, minutes, told } from "../../testing/minutes.ts";
import { watchForTrouble } from "./watch.ts";

const gpu = (index: number, utilization: number | null) => ({ index, utilization, memory_bytes: 0 });

/** Minutes in which the sessions' processes work, and the GPUs of their node as told. */
function look(ctx: TestContext, sessions: readonly SessionRow[]) {
  let cpu_ms = 0;
  return async (count: number, ...busy: (number | null)[]) => {
    for (let minute = 0; minute < count; minute++) {
      cpu_ms += 50_000;
      const attempts: GivenUsage["attempts"] = sessions.map(({ attemptId }) => ({
        attempt_id: attemptId as Id<"attempt">,
        processes: 1,
        memory_bytes: 1,
        cpu_ms,
      }));
      const devices = busy.map((share, index) => gpu(index, share));
      const reports = sessions.map((session) => reportOf(ctx, session));
      await minutes(ctx, 1, sessions[0]?.nodeId ?? null, reports, { attempts, devices }, IDLE_SOON);
    }
  };
}

test("GPUs that a session leaves idle are told to its team once a spell, with an all-clear, and show with it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeRunningSession(member, { resources: { gpus: 2 } });
    const pass = look(ctx, [session]);
    const alerts = async () =>
      (await apiOf(member).ask("GET", `/sessions/${session.id}/alerts`)).json().items;
    await pass(2, 0.04, 0);
    expect(await told(ctx)).toEqual([]);
    await pass(4, 0.04, 0);
    const text = expect.stringContaining(`${session.name} holds 2 GPUs and has used less than 5 %`);
    const raised = ["alert.raised", "session.idle_gpus", member.team.id, text];
    expect(await told(ctx)).toEqual([raised]);
    expect(await alerts()).toMatchObject([{ kind: "session.idle_gpus", text }]);

    await pass(1, 0.04, 0.06);
    const over = [
      "alert.cleared",
      "session.idle_gpus",
      member.team.id,
      `${session.name} uses its GPUs again.`,
    ];
    expect(await told(ctx)).toEqual([raised, over]);
    expect(await alerts()).toEqual([]);
    await pass(5, 0, 0);
    await report(ctx, session, ENDED);
    await minutes(ctx, 1, session.nodeId, [], {}, IDLE_SOON);
    expect((await told(ctx)).slice(2).map((each) => each.at(-1))).toEqual([
      text,
      `${session.name} has ended (succeeded).`,
    ]);
    expect((await apiOf(await makeMember(ctx)).ask("GET", `/sessions/${session.id}/alerts`)).status).toBe(
      404,
    );
  }));

test("nobody is told while one of its GPUs works, can't be measured, or while its node is silent", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeRunningSession(member, { resources: { gpus: 2 } });
    const pass = look(ctx, [session]);
    await pass(5, 0, 0.5);
    await pass(5, 0, null);
    await pass(2, 0, 0);
    await pass(1, 0.5, 0.5);
    await pass(2, 0, 0);
    expect(await told(ctx)).toEqual([]);
    await pass(3, 0, 0);
    expect((await told(ctx)).length).toBe(1);
    // Silence is no work, and no end of it either.
    ctx.clock.advance(5 * 60_000);
    await watchForTrouble(ctx, IDLE_SOON);
    expect((await told(ctx)).length).toBe(1);
    await loseNodes(ctx);
    await watchForTrouble(ctx, IDLE_SOON);
    expect((await told(ctx)).at(-1)?.at(-1)).toBe(`${session.name} is queued.`);
  }));

test("of a GPU that is shared each is told what it holds, and only where it must be idle itself", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const nodeId = await makeNode(ctx, 1);
    const made: SessionRow[] = [];
    for (const gpu_milli of [800, 200])
      made.push(await makeSession(member, { resources: { gpus: 1, gpu_milli } }));
    await place(ctx);
    const sessions: SessionRow[] = [];
    for (const session of made) {
      await report(ctx, session, { state: "running" });
      sessions.push(await reload(ctx, session));
    }
    expect(sessions.map((session) => session.nodeId)).toEqual([nodeId, nodeId]);
    // 3 % of the whole may be the work of the smaller one alone: 15 % of what it holds.
    await look(ctx, sessions)(5, 0.03);
    expect(await told(ctx)).toEqual([
      [
        "alert.raised",
        "session.idle_gpus",
        member.team.id,
        expect.stringContaining(`${sessions[0]?.name} holds 0.8 of a GPU`),
      ],
    ]);
  }));

test("a session that is told of as doing nothing at all is not told of twice", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeRunningSession(member, { resources: { gpus: 1 } });
    const attempts = [
      { attempt_id: session.attemptId as Id<"attempt">, processes: 1, memory_bytes: 1, cpu_ms: 5 },
    ];
    const limits = { stallMs: 60_000, idleGpus: { share: 0.05, lastsMs: 3 * 60_000 } };
    for (let minute = 0; minute < 8; minute++)
      await minutes(
        ctx,
        1,
        session.nodeId,
        [reportOf(ctx, session)],
        { attempts, devices: [gpu(0, 0)] },
        limits,
      );
    expect((await told(ctx)).map(([, kind]) => kind)).toEqual(["session.stalled"]);
  }));
