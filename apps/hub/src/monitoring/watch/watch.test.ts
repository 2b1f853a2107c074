import { describe, expect, test } from "bun:test";
import type { Id } from "@podium/shared";
import type { SessionRow } from "../../sessions/index.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import {
  ENDED,
  heartbeat,
  makeMember,
  makeNode,
  makeRunningSession,
  makeSession,
  place,
  reload,
  report,
  reportOf,
  reportValues,
} from "../../testing/factories.ts";
import { makeRunningGang, members } from "../../testing/gangs.ts";
import { LIMITS, MINUTE, minutes, told } from "../../testing/minutes.ts";
import { sampleFigures } from "../figures/sample.ts";
import { watchForTrouble } from "./watch.ts";

const MIB = 1024 ** 2;
const gpu = (index: number, utilization: number | null, memory_bytes = 0) => ({
  index,
  utilization,
  memory_bytes,
});

const useOf = ({ attemptId }: SessionRow, cpu_ms = 1000) => ({
  attempt_id: attemptId as Id<"attempt">,
  processes: 1,
  memory_bytes: 1,
  cpu_ms,
});

describe("a session that does nothing", () => {
  test("is told to its team after a while, once, and again when it goes on", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const session = await makeRunningSession(member, { resources: { gpus: 1 } });
      const usage = { attempts: [useOf(session)], devices: [gpu(0, 0)] };
      const look = (count: number) => minutes(ctx, count, session.nodeId, [reportOf(ctx, session)], usage);
      await look(4);
      expect(await told(ctx)).toEqual([]);
      await look(3);
      const stalled = [
        "alert.raised",
        "session.stalled",
        member.team.id,
        expect.stringContaining(session.name),
      ];
      expect(await told(ctx)).toEqual([stalled]);
      const noticed = async () =>
        (await heartbeat(ctx, session.nodeId, [reportOf(ctx, session)])).attempts[0]?.notice;
      expect(await noticed()).toContain(`${session.name} has done nothing for 4 minutes`);

      await reportValues(ctx, session, { loss: 1 });
      await look(2);
      const over = ["alert.cleared", "session.stalled", member.team.id, `${session.name} goes on.`];
      expect(await told(ctx)).toEqual([stalled, over]);
      expect(await noticed()).toBeNull();
      await look(6);
      expect(await told(ctx)).toEqual([stalled, over, stalled]);
      await report(ctx, session, { ...ENDED, final_seq: 1 });
      await minutes(ctx, 1, session.nodeId, [], {});
      expect((await told(ctx)).at(-1)?.at(-1)).toBe(`${session.name} has ended (succeeded).`);
    }));

  test("is nobody's trouble while its processes or its GPU work, or may do so unseen", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const session = await makeRunningSession(member, { resources: { gpus: 1 } });
      const quiet = { attempts: [useOf(session)], devices: [gpu(0, 0)] };
      const reports = [reportOf(ctx, session)];
      for (const sign of [{ devices: [gpu(0, 0.5)] }, { devices: [gpu(0, null)] }, { attempts: [] }]) {
        await minutes(ctx, 3, session.nodeId, reports, quiet);
        await minutes(ctx, 2, session.nodeId, reports, { ...quiet, ...sign });
      }
      for (let busy = 1; busy < 7; busy++)
        await minutes(ctx, 1, session.nodeId, reports, {
          ...quiet,
          attempts: [useOf(session, 1000 * (busy + 1))],
        });
      expect(await told(ctx)).toEqual([]);
    }));
});

describe("a gang", () => {
  test("is told of once, with those of its members that do nothing or leave their GPUs idle", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const session = await makeRunningGang(await makeMember(ctx));
      const parts = await members(ctx, session);
      let cpu_ms = 0;
      const pass = async (count: number, ...busy: number[]) => {
        for (let minute = 0; minute < count; minute++) {
          cpu_ms += 50_000;
          ctx.clock.advance(MINUTE);
          for (const { id, epoch, nodeId, rank } of parts) {
            const report = reportOf(ctx, { ...session, attemptId: id, epoch });
            const use = { ...useOf({ ...session, attemptId: id }), cpu_ms: rank === 0 ? cpu_ms : 1 };
            const usage = { attempts: [use], devices: [gpu(0, busy[rank] ?? 0)] };
            await heartbeat(ctx, nodeId, [report], { usage });
          }
          await sampleFigures(ctx);
          await watchForTrouble(ctx, { ...LIMITS, idleGpus: { share: 0.05, lastsMs: 2 * MINUTE } });
        }
      };
      // Rank 1 does nothing at all; rank 0 works, and so does its GPU.
      await pass(7, 0.9, 0);
      const texts = (await told(ctx)).map(([, kind, , text]) => [kind, text]);
      expect(texts[0]).toEqual([
        "session.idle_gpus",
        expect.stringContaining(`Member 1 of ${session.name} holds a GPU`),
      ]);
      expect(texts[1]).toEqual([
        "session.stalled",
        expect.stringContaining(`Member 1 of ${session.name} has done nothing`),
      ]);
      expect(texts.length).toBe(2);
      expect((await reload(ctx, session)).attemptId).toBe(parts[0]?.id ?? "");
      // Its log is told at rank 0, whose node may be told of no more than its own members.
      const { attempts } = await heartbeat(ctx, parts[0]?.nodeId ?? "", []);
      expect(attempts[0]?.notice).toContain("Member 1 of");
    }));
});

describe("what is left on a node", () => {
  test("is told to the administrators when it lasts, once, with an all-clear", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const nodeId = await makeNode(ctx, 2);
      const usage = { processes: [{ device: 1, pid: 4711, memory_bytes: 512 * MIB, attempt_id: null }] };
      await minutes(ctx, 2, nodeId, [], usage);
      expect(await told(ctx)).toEqual([]);
      await minutes(ctx, 3, nodeId, [], usage);
      const raised = [
        "alert.raised",
        "node.leak",
        null,
        expect.stringMatching(/^Process 4711 on node .* GPU 1 \(512 MiB\) and belongs to no session/),
      ];
      expect(await told(ctx)).toEqual([raised]);
      await minutes(ctx, 1, nodeId, [], {});
      expect(await told(ctx)).toEqual([
        raised,
        ["alert.cleared", "node.leak", null, expect.stringContaining("No longer so: Process 4711")],
      ]);
    }));

  test("is not told of what goes within two minutes, and not over because the node is silent", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const nodeId = await makeNode(ctx, 1);
      const usage = { devices: [gpu(0, 0, 2000 * MIB)] };
      await minutes(ctx, 2, nodeId, [], usage);
      await minutes(ctx, 2, nodeId, [], {});
      expect(await told(ctx)).toEqual([]);
      await minutes(ctx, 3, nodeId, [], usage);
      for (let minute = 0; minute < 5; minute++) {
        ctx.clock.advance(MINUTE);
        await watchForTrouble(ctx, LIMITS);
      }
      expect(await told(ctx)).toEqual([
        ["alert.raised", "node.leak", null, expect.stringContaining("2000 MiB of GPU 0")],
      ]);
    }));

  test("may be processes of an attempt that has ended, or a GPU that its session was not given", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const session = await makeRunningSession(member, { resources: { gpus: 1 } });
      const attempt_id = session.attemptId as Id<"attempt">;
      const processes = [0, 1].map((device) => ({ device, pid: 10 + device, attempt_id }));
      const usage = { attempts: [useOf(session)], processes };
      await minutes(ctx, 4, session.nodeId, [reportOf(ctx, session)], usage);
      expect(await told(ctx)).toEqual([
        [
          "alert.raised",
          "node.leak",
          null,
          expect.stringMatching(/^Process 11 .* GPU 1, which .* was not given/),
        ],
      ]);
      await report(ctx, session, { ...ENDED });
      await minutes(ctx, 4, session.nodeId, [], { attempts: [useOf(session)] });
      expect((await told(ctx)).at(-1)?.at(-1)).toContain(
        `Processes of ${session.name} (attempt ${attempt_id}) are still on node`,
      );
    }));

  test("is none of the processes of sessions that share a GPU", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const nodeId = await makeNode(ctx, 1);
      const share = { resources: { gpus: 1, gpu_milli: 500 } };
      const made = [await makeSession(member, share), await makeSession(member, share)];
      await place(ctx);
      for (const session of made) await report(ctx, session, { state: "running" });
      const sessions = [await reload(ctx, made[0] ?? { id: "" }), await reload(ctx, made[1] ?? { id: "" })];
      const processes = sessions.map(({ attemptId }, index) => ({
        device: 0,
        pid: 10 + index,
        attempt_id: attemptId as Id<"attempt">,
      }));
      const reports = sessions.map((session) => reportOf(ctx, session));
      await minutes(ctx, 4, nodeId, reports, { processes, devices: [gpu(0, 0.9, 4000 * MIB)] });
      expect(await told(ctx)).toEqual([]);
    }));

  test("is what a node goes on to run though it was told to end it; a build's mark is nothing", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const session = await makeRunningSession(member);
      const stranger = reportOf(ctx, session, { attempt_id: `att_${"0".repeat(32)}` });
      const build = { ...useOf(session), attempt_id: `att_${"b".repeat(32)}` as const };
      await minutes(ctx, 4, session.nodeId, [reportOf(ctx, session), stranger], { attempts: [build] });
      expect(await told(ctx)).toEqual([
        [
          "alert.raised",
          "node.leak",
          null,
          expect.stringContaining("a session that this hub does not know (attempt att_000"),
        ],
      ]);
      await minutes(ctx, 1, session.nodeId, [reportOf(ctx, session)], { attempts: [build] });
      expect((await told(ctx)).map(([type]) => type)).toEqual(["alert.raised", "alert.cleared"]);
    }));
});
