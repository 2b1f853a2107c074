import { describe, expect, test } from "bun:test";
import type { GivenUsage } from "@podium/shared";
import { findNode } from "../../nodes/index.ts";
import { apiOf } from "../../testing/api.ts";
import { as, systemContext, type TestContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import {
  ENDED,
  heartbeat,
  makeMember,
  makeNode,
  makeRunningSession,
  report,
  reportOf,
} from "../../testing/factories.ts";
import { clusterFigures, nodeFigures } from "../schema.ts";
import { DEFAULT_KEPT, stepOf } from "./resolution.ts";
import { rollUpFigures } from "./roll-up.ts";
import { sampleFigures } from "./sample.ts";
import { trimFigures } from "./trim.ts";

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const gpu = (index: number, utilization: number | null, memory_bytes = 0) => ({
  index,
  utilization,
  memory_bytes,
});

/** What a node says, then a sample of it, every 10 s for so long. */
async function pass(
  ctx: TestContext,
  nodeId: string,
  ms: number,
  usageAt: (step: number) => Partial<GivenUsage>,
) {
  for (let step = 0; step < ms / 10_000; step++) {
    await heartbeat(ctx, nodeId, [], { usage: usageAt(step) });
    await sampleFigures(ctx);
    ctx.clock.advance(10_000);
  }
}

const SECOND = 1000;

/** The samples of so long, as if `pass` had been there; time has passed afterwards. */
async function seed(ctx: TestContext, nodeId: string, ms: number, usageAt: typeof rising) {
  const steps = Array.from({ length: ms / (10 * SECOND) }, (_, step) => step);
  const begin = stepOf(ctx.clock.now(), 10).getTime();
  const moment = (step: number) => ({ seconds: 10, at: new Date(begin + step * 10 * SECOND), samples: 1 });
  const figures = steps.map((step) => {
    const { cpu_share, devices } = usageAt(step);
    const gpuBusy = devices.map(({ utilization }) => utilization && utilization * 1000);
    const gpus = { gpuBusy, gpuMemoryMib: [step, 1], gpuCelsius: [step % 90, null], gpuWatts: [] };
    return { ...moment(step), nodeId, cpu: cpu_share, memoryBytes: step, diskFreeBytes: 1, ...gpus };
  });
  const counts = { nodes: 1, devices: 2, held: 1, measured: 1, running: 0, queued: 0 };
  const cluster = steps.map((step) => ({ ...moment(step), ...counts, busy: step % 2 }));
  await ctx.db.insert(nodeFigures).values(figures).onConflictDoNothing();
  await ctx.db.insert(clusterFigures).values(cluster).onConflictDoNothing();
  ctx.clock.advance(ms);
}

const rising = (step: number) => ({ cpu_share: (step % 6) / 10, devices: [gpu(0, step % 2), gpu(1, null)] });

async function nodeSeries(member: TestContext, nodeId: string, query = "") {
  const name = (await findNode(member.db, { id: nodeId }))?.name;
  const answer = await apiOf(member).ask("GET", `/nodes/${name}/figures${query}`);
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return answer.json();
}

test("what a node says becomes points of its figures, one for each 10 s", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const nodeId = await makeNode(ctx, 2);
    const usage = {
      cpu_share: 0.5,
      memory_bytes: 3 * GIB,
      disk_free_bytes: 7 * GIB,
      disk_write_bytes_per_second: 1000,
      devices: [{ ...gpu(0, 0.9, 512 * MIB), temperature_celsius: 61.4, power_watts: 250.2 }, gpu(3, null)],
    };
    await pass(ctx, nodeId, 20_000, () => usage);
    const { step_seconds, points } = await nodeSeries(member, nodeId, "?from=2026-01-01T11:59:00Z");
    expect([step_seconds, points.map(({ at }: { at: string }) => at)]).toEqual([
      10,
      ["2026-01-01T12:00:00.000Z", "2026-01-01T12:00:10.000Z"],
    ]);
    expect(points[0]).toMatchObject({
      cpu_share: 0.5,
      memory_bytes: 3 * GIB,
      disk_free_bytes: 7 * GIB,
      disk_read_bytes_per_second: null,
      disk_write_bytes_per_second: 1000,
    });
    expect(points[0].devices).toEqual([
      { index: 0, utilization: 0.9, memory_bytes: 512 * MIB, temperature_celsius: 61, power_watts: 250 },
      { index: 3, utilization: null, memory_bytes: 0, temperature_celsius: null, power_watts: null },
    ]);
  }));

test("a moment is sampled once, and what a silent node said is no news", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const nodeId = await makeNode(ctx, 1);
    await heartbeat(ctx, nodeId, [], { usage: { devices: [gpu(0, 0.5)] } });
    expect(await sampleFigures(ctx)).toBe(1);
    await heartbeat(ctx, nodeId, [], { usage: { devices: [gpu(0, 1)] } });
    await sampleFigures(ctx);
    ctx.clock.advance(31_000);
    expect(await sampleFigures(ctx)).toBe(0);
    const { points } = await nodeSeries(await makeMember(ctx), nodeId);
    expect(points.map((point: { devices: unknown }) => point.devices)).toMatchObject([
      [{ utilization: 0.5 }],
    ]);
  }));

test("a node that lies about its devices fills no table", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const nodeId = await makeNode(ctx, 1);
    const devices = [gpu(0, 1, 1e300), { ...gpu(2_000_000_000, 1), power_watts: 1e300 }];
    await heartbeat(ctx, nodeId, [], { usage: { cpu_share: 1e300, memory_bytes: 1e300, devices } });
    await sampleFigures(ctx);
    const { points } = await nodeSeries(await makeMember(ctx), nodeId);
    expect(points).toMatchObject([{ cpu_share: 1, devices: [{ index: 0, utilization: 1 }] }]);
  }));

describe("the cluster's figures", () => {
  test("tell how many devices sessions hold, and how many are above 80 %", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const session = await makeRunningSession(member, { resources: { gpus: 3 } });
      await makeNode(ctx, 1);
      const devices = [gpu(0, 0.81), gpu(1, 0.8), gpu(2, null)];
      await heartbeat(ctx, session.nodeId, [reportOf(ctx, session)], { usage: { devices } });
      await sampleFigures(ctx);
      const { points } = (await apiOf(member).ask("GET", "/cluster/figures")).json();
      expect(points).toEqual([
        {
          at: "2026-01-01T12:00:00.000Z",
          nodes: 2,
          devices: 4,
          devices_in_use: 3,
          devices_measured: 2,
          devices_busy: 1,
          sessions_running: 1,
          sessions_queued: 0,
        },
      ]);
    }));

  test("are nobody's who is not logged in, and a bad span is refused", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const nobody = apiOf(as(ctx, { kind: "anonymous" }));
      expect((await nobody.ask("GET", "/cluster/figures")).status).toBe(401);
      expect((await nobody.ask("GET", "/nodes/x/figures")).status).toBe(401);
      const { ask } = apiOf(await makeMember(ctx));
      expect((await ask("GET", "/nodes/x/figures")).status).toBe(404);
      for (const query of [
        "from=2027-01-01T00:00:00Z",
        "from=1970-01-01T00:00:00Z",
        "points=0",
        "points=9999",
        "to=x",
      ])
        expect([query, (await ask("GET", `/cluster/figures?${query}`)).status]).toEqual([query, 400]);
    }));
});

describe("rolled up", () => {
  const rising = (step: number) => ({
    cpu_share: (step % 6) / 10,
    devices: [gpu(0, step % 2), gpu(1, null)],
  });
  const at = (hours: number) => `?from=2026-01-01T12:00:00Z&to=2026-01-01T${12 + hours}:00:00Z`;

  test("minutes and hours are the means of their samples", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const nodeId = await makeNode(ctx, 2);
      await seed(ctx, nodeId, HOUR + 2 * MINUTE, rising);
      await rollUpFigures(ctx);
      ctx.clock.advance(7 * HOUR);
      const minutes = await nodeSeries(member, nodeId, at(1));
      expect([minutes.step_seconds, minutes.points.length]).toEqual([60, 60]);
      expect(minutes.points[0]).toMatchObject({
        cpu_share: 0.25,
        devices: [{ utilization: 0.5 }, { utilization: null }],
      });

      ctx.clock.advance(15 * 24 * HOUR);
      const hours = await nodeSeries(member, nodeId, at(1));
      expect([hours.step_seconds, hours.points.length]).toEqual([3600, 1]);
      expect(hours.points[0].cpu_share).toBeCloseTo(0.25, 5);
      const { points } = (await apiOf(member).ask("GET", `/cluster/figures${at(1)}`)).json();
      expect(points).toMatchObject([{ nodes: 1, devices: 2, devices_measured: 1, devices_busy: 0.5 }]);
    }));

  test("late, repeated and interrupted work gives the same as timely work", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const [timely, late] = [await makeNode(ctx, 2), await makeNode(ctx, 2)];
      const answers = [];
      for (const nodeId of [timely, late]) {
        for (let part = 0; part < 14; part++) {
          await seed(ctx, nodeId, 10 * MINUTE, rising);
          if (nodeId === timely) await rollUpFigures(ctx);
        }
        for (let time = 0; time < 3; time++) await rollUpFigures(ctx);
        const ended = ctx.clock.now();
        ctx.clock.advance(7 * HOUR);
        const span = `?from=${new Date(ended.getTime() - 140 * MINUTE).toISOString()}&to=${ended.toISOString()}`;
        const { points } = await nodeSeries(member, nodeId, span);
        answers.push(points.map(({ at: _, ...point }: { at: string }) => point));
        ctx.clock.advance(60 * MINUTE - ((ctx.clock.now().getTime() / MINUTE) % 60) * MINUTE);
      }
      expect(answers[0].length).toBeGreaterThan(130);
      expect(answers[1]).toEqual(answers[0]);
    }));

  test("a clock that jumps an hour ahead and back loses no minute", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const nodeId = await makeNode(ctx, 1);
      await seed(ctx, nodeId, 2 * MINUTE, rising);
      ctx.clock.advance(HOUR);
      await seed(ctx, nodeId, 2 * MINUTE, rising);
      await rollUpFigures(ctx);
      ctx.clock.advance(-HOUR);
      await rollUpFigures(ctx);
      await seed(ctx, nodeId, 62 * MINUTE, rising);
      await rollUpFigures(ctx);
      ctx.clock.advance(7 * HOUR);
      const { points } = await nodeSeries(member, nodeId, at(1));
      // There was no 12:02 and no 12:03.
      const minutes = points.map((point: { at: string }) => new Date(point.at).getUTCMinutes());
      expect(minutes).toEqual([0, 1, ...Array.from({ length: 56 }, (_, index) => index + 4)]);
    }));

  test("what is too old goes once it has been used, and not before", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const nodeId = await makeNode(ctx, 1);
      await seed(ctx, nodeId, 3 * MINUTE, rising);
      ctx.clock.advance(7 * HOUR);
      expect(await trimFigures(ctx, DEFAULT_KEPT)).toBe(0);
      await sampleFigures(ctx);
      await rollUpFigures(ctx);
      expect(await trimFigures(ctx, DEFAULT_KEPT)).toBe(18);
      expect((await nodeSeries(member, nodeId, at(1))).points).toHaveLength(3);
      ctx.clock.advance(15 * 24 * HOUR);
      expect(await trimFigures(ctx, DEFAULT_KEPT)).toBe(3);
      expect((await nodeSeries(member, nodeId, at(1))).points).toMatchObject([
        { cpu_share: expect.any(Number) },
      ]);
      ctx.clock.advance(731 * 24 * HOUR);
      expect(await trimFigures(ctx, DEFAULT_KEPT)).toBe(1);
    }));
});

describe("a session's figures", () => {
  test("are those of its devices while it held them", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const session = await makeRunningSession(member, { resources: { gpus: 1 } });
      const say = async (utilization: number) => {
        const reports = [reportOf(ctx, session)];
        await heartbeat(ctx, session.nodeId, reports, { usage: { devices: [gpu(0, utilization, MIB)] } });
        await sampleFigures(ctx);
        ctx.clock.advance(10_000);
      };
      await say(0.25);
      await say(0.75);
      await report(ctx, session, { ...ENDED, ended_at: ctx.clock.now().toISOString() });
      await say(0.1);
      const answer = (await apiOf(member).ask("GET", `/sessions/${session.id}/figures`)).json();
      expect(answer).toMatchObject({ session_id: session.id, step_seconds: 10 });
      expect(answer.devices).toMatchObject([
        {
          index: 0,
          model: "H100",
          held_until: "2026-01-01T12:00:20.000Z",
          points: [{ utilization: 0.25, memory_bytes: MIB }, { utilization: 0.75 }],
        },
      ]);
      expect(answer.devices[0].points).toHaveLength(2);
    }));

  test("say how much of a device it holds, and the cluster counts a share as a share", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const session = await makeRunningSession(member, { resources: { gpus: 1, gpu_milli: 250 } });
      const usage = { devices: [gpu(0, 0.5)] };
      await heartbeat(ctx, session.nodeId, [reportOf(ctx, session)], { usage });
      await sampleFigures(ctx);
      const { ask } = apiOf(member);
      expect((await ask("GET", `/sessions/${session.id}/figures`)).json().devices).toMatchObject([
        { index: 0, milli: 250, points: [{ utilization: 0.5 }] },
      ]);
      expect((await ask("GET", "/cluster/figures")).json().points).toMatchObject([
        { devices: 1, devices_in_use: 0.25 },
      ]);
    }));

  test("are not for strangers; a session without devices has none", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const session = await makeRunningSession(member);
      const path = `/sessions/${session.id}/figures`;
      expect((await apiOf(await makeMember(ctx)).ask("GET", path)).status).toBe(404);
      expect((await apiOf(member).ask("GET", path)).json().devices).toEqual([]);
    }));
});

test("the list of nodes has what each said last, and nothing of who uses it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const nodeId = await makeNode(ctx, 1);
    const attempt_id = ctx.ids.next("attempt");
    const usage = {
      cpu_share: 0.5,
      processes: [{ device: 0, pid: 4711, attempt_id }],
      attempts: [{ attempt_id, processes: 1, memory_bytes: 1, cpu_ms: 1 }],
    };
    await heartbeat(ctx, nodeId, [], { usage });
    const { text, json } = await apiOf(await makeMember(ctx)).ask("GET", "/nodes");
    expect(json().items).toMatchObject([{ figures: { cpu_share: 0.5, disk_bytes: null, devices: [] } }]);
    expect(text).not.toContain(attempt_id);
    expect(text).not.toContain("4711");
  }));
