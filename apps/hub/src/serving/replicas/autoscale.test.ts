import { expect, test } from "bun:test";
import type { Id } from "@podium/shared";
import { grantCredits } from "../../credits/index.ts";
import { stopSession } from "../../sessions/index.ts";
import { as, systemContext, type TestContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { ENDED, makeMember, makeNode, reload } from "../../testing/factories.ts";
import {
  autoscale,
  endReplica,
  GATEWAY_ID,
  gatewayLoad,
  loadAll,
  makeBinding,
  makeEndpoint,
  replicasOf,
  routesOf,
} from "../../testing/serving.ts";
import { currentVersion, saveGateway } from "../store.ts";
import { findScaling } from "./store.ts";

const raised = { code: "user_error", message: "It raised KeyError.", location: null, hint: null } as const;

async function makeScaled(ctx: TestContext, scaling: Record<string, unknown>, nodes = 1, credits = 100) {
  const member = await makeMember(ctx, "participant", credits);
  const endpoint = await makeEndpoint(member);
  const binding = await makeBinding(member, endpoint, { weight: 5, max_batch: 10, scaling });
  for (let node = 0; node < nodes; node += 1) await makeNode(ctx);
  await loadAll(ctx, binding);
  return { member, endpoint, binding };
}

const states = async (ctx: TestContext, binding: { id: string }) =>
  (await replicasOf(ctx, binding)).map(({ state }) => state);

test("a binding gets as many replicas as its minimum says, each a serve session with a token of its own", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { endpoint, binding } = await makeScaled(ctx, { min_replicas: 3, max_replicas: 3 });
    await autoscale(ctx);
    expect(await states(ctx, binding)).toEqual(["ready", "starting", "starting"]);
    await autoscale(ctx);
    expect(await states(ctx, binding)).toHaveLength(3);

    await loadAll(ctx, binding);
    const replicas = await replicasOf(ctx, binding);
    expect(replicas.map(({ state }) => state)).toEqual(["ready", "ready", "ready"]);
    const [first, second] = [
      await reload(ctx, replicas[0] as never),
      await reload(ctx, replicas[1] as never),
    ];
    expect(second).toMatchObject({ kind: "serve", checkpoint: first.checkpoint, codeTree: first.codeTree });
    const [route] = (await routesOf(ctx, endpoint)).bindings;
    expect(new Set(route?.replica_sha256).size).toBe(3);
    expect(route).toMatchObject({ weight: 5, holds: false });
  }));

test("calls that queue up bring more at once; few calls take them away after the time set, drained and not before", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const scaling = { min_replicas: 1, max_replicas: 4, scale_down_seconds: 30 };
    const { endpoint, binding } = await makeScaled(ctx, scaling);
    await saveGateway(db, {
      id: GATEWAY_ID,
      replicaUrl: "ws://g",
      publicUrl: "http://g",
      lastSeenAt: ctx.clock.now(),
    });
    await gatewayLoad(ctx, binding, { queued: 12, in_flight: 10 });
    await autoscale(ctx);
    await loadAll(ctx, binding);
    expect(await states(ctx, binding)).toEqual(["ready", "ready", "ready"]);

    await gatewayLoad(ctx, binding, { in_flight: 4 });
    await autoscale(ctx);
    expect(await states(ctx, binding)).toEqual(["ready", "ready", "ready"]);
    ctx.clock.advance(31_000);
    await saveGateway(db, {
      id: GATEWAY_ID,
      replicaUrl: "ws://g",
      publicUrl: "http://g",
      lastSeenAt: ctx.clock.now(),
    });
    const old = await currentVersion(db);
    await gatewayLoad(ctx, binding, { in_flight: 4, version: old });
    await autoscale(ctx);
    expect(await states(ctx, binding)).toEqual(["ready", "draining", "draining"]);
    expect((await routesOf(ctx, endpoint)).bindings[0]?.replica_sha256).toHaveLength(1);

    // The gateway does not know of it yet, and then still waits for one of them.
    await autoscale(ctx);
    const sessions = async () => (await replicasOf(ctx, binding)).map(({ session }) => session);
    expect(await sessions()).toEqual(["running", "running", "running"]);
    const last = (await replicasOf(ctx, binding))[2]?.id ?? "";
    const { attemptId } = await reload(ctx, { id: last });
    const busy = [{ attempt_id: attemptId as Id<"attempt">, in_flight: 1 }];
    await gatewayLoad(ctx, binding, { in_flight: 4, version: old + 1 }, busy);
    await autoscale(ctx);
    expect(await sessions()).toEqual(["running", "stopping", "running"]);
    await gatewayLoad(ctx, binding, { in_flight: 4, version: old + 1 });
    await autoscale(ctx);
    expect(await sessions()).toEqual(["running", "stopping", "stopping"]);
    await endReplica(ctx, last, ENDED);
    expect(await states(ctx, binding)).toEqual(["ready", "draining"]);
    expect((await binding.reload()).state).toBe("ready");
  }));

test("a replica that a gateway never lets go of is stopped once its last call must have ended", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { binding } = await makeScaled(ctx, { min_replicas: 0, idle_seconds: 10 });
    const { attemptId } = await binding.serveSession();
    const busy = [{ attempt_id: attemptId as Id<"attempt">, in_flight: 1 }];
    ctx.clock.advance(11_000);
    await gatewayLoad(ctx, binding, {}, busy);
    await autoscale(ctx);
    await autoscale(ctx);
    expect((await binding.serveSession()).state).toBe("running");
    ctx.clock.advance(61_000);
    await gatewayLoad(ctx, binding, {}, busy);
    await autoscale(ctx);
    expect((await binding.serveSession()).state).toBe("stopping");
  }));

test("a binding that nobody calls sleeps and keeps its share of the traffic; a held call wakes it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { endpoint, binding } = await makeScaled(ctx, { min_replicas: 0, idle_seconds: 60 });
    await gatewayLoad(ctx, binding, { in_flight: 1 });
    await autoscale(ctx);
    ctx.clock.advance(61_000);
    await gatewayLoad(ctx, binding, {});
    await autoscale(ctx);
    await autoscale(ctx);
    await endReplica(ctx, binding.session.id, ENDED);
    expect(await states(ctx, binding)).toEqual([]);
    expect(await binding.reload()).toMatchObject({ state: "idle", failure: null });
    const [route] = (await routesOf(ctx, endpoint)).bindings;
    expect(route).toMatchObject({ weight: 5, holds: true, replica_sha256: [] });
    await autoscale(ctx);
    expect(await states(ctx, binding)).toEqual([]);

    const { held } = await gatewayLoad(ctx, binding, { queued: 1, held: true });
    expect(held).toEqual([{ binding_id: binding.id, step: "waking", detail: null }]);
    await autoscale(ctx);
    expect(await binding.reload()).toMatchObject({ state: "starting" });
    expect((await gatewayLoad(ctx, binding, { queued: 1, held: true })).held[0]?.step).toBe("queued");
    await loadAll(ctx, binding);
    expect(await binding.reload()).toMatchObject({ state: "ready" });
  }));

test("gateways that say nothing are no reason to take replicas away, and a gone one's figures count no more", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { binding } = await makeScaled(ctx, { min_replicas: 0, max_replicas: 3, idle_seconds: 10 });
    await gatewayLoad(ctx, binding, { queued: 30, gateway: "gtw_00000000000000000000000000000001" });
    await autoscale(ctx);
    expect(await states(ctx, binding)).toHaveLength(3);
    ctx.clock.advance(20_000);
    await autoscale(ctx);
    expect((await findScaling(db, binding.id)).wanted).toBe(3);
    await gatewayLoad(ctx, binding, {});
    await autoscale(ctx);
    expect((await findScaling(db, binding.id)).wanted).toBe(0);
  }));

test("a lost replica is replaced at once while the others serve, the next ones later and later, after five none", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { binding } = await makeScaled(ctx, { min_replicas: 2, max_replicas: 2 });
    await autoscale(ctx);
    await loadAll(ctx, binding);
    const crash = async () => {
      const last = (await replicasOf(ctx, binding)).at(-1)?.id ?? "";
      await endReplica(ctx, last, { ...ENDED, exit_code: 1, failure: raised });
    };
    for (const waitMs of [0, 10_000, 20_000, 40_000]) {
      await crash();
      expect(await binding.reload()).toMatchObject({ state: "ready", failure: null });
      if (waitMs > 0) {
        await autoscale(ctx);
        expect(await states(ctx, binding)).toEqual(["ready"]);
        ctx.clock.advance(waitMs);
      }
      await autoscale(ctx);
      await loadAll(ctx, binding);
      expect(await states(ctx, binding)).toEqual(["ready", "ready"]);
    }
    await crash();
    ctx.clock.advance(120_000);
    await autoscale(ctx);
    expect(await states(ctx, binding)).toEqual(["ready"]);
    expect(await binding.reload()).toMatchObject({ state: "ready", failure: "It raised KeyError." });
  }));

test("one of several whose session its team stops is replaced; none is by mistake while its end is on its way", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, binding } = await makeScaled(ctx, { min_replicas: 2, max_replicas: 2 });
    await autoscale(ctx);
    await loadAll(ctx, binding);
    const second = (await replicasOf(ctx, binding))[1]?.id ?? "";
    await db.transaction((tx) => stopSession(member, tx, second, "asked"));
    await endReplica(ctx, second, ENDED);
    expect((await binding.reload()).state).toBe("ready");
    await autoscale(ctx);
    expect(await states(ctx, binding)).toEqual(["ready", "starting"]);
  }));

test("a team without credit keeps what runs and says so; with credit its model starts again by itself", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, binding } = await makeScaled(ctx, { min_replicas: 1, max_replicas: 1 }, 1, 0);
    await db.transaction((tx) => stopSession(member, tx, binding.session.id, "credits_exhausted"));
    await endReplica(ctx, binding.session.id, ENDED);
    expect(await binding.reload()).toMatchObject({
      state: "failed",
      failure: expect.stringContaining("credit was used up"),
    });
    ctx.clock.advance(60_000);
    await autoscale(ctx);
    expect(await states(ctx, binding)).toEqual([]);

    await grantCredits(as(ctx, { kind: "system" }), {
      team: member.team.slug,
      amount: 1_000_000,
      memo: "test",
    });
    await autoscale(ctx);
    expect(await states(ctx, binding)).toEqual(["starting"]);
    await loadAll(ctx, binding);
    expect(await binding.reload()).toMatchObject({ state: "ready", failure: null });
  }));

test("a cluster without room keeps what runs, and the binding says what the others wait for", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { binding } = await makeScaled(ctx, { min_replicas: 12, max_replicas: 12 });
    await autoscale(ctx);
    await loadAll(ctx, binding);
    const ready = (await states(ctx, binding)).filter((state) => state === "ready").length;
    expect(ready).toBeGreaterThanOrEqual(1);
    expect(ready).toBeLessThan(12);
    ctx.clock.advance(6_000);
    await autoscale(ctx);
    expect((await findScaling(db, binding.id)).trouble).toContain(
      `${12 - ready} replicas wait in the queue: no node has room`,
    );
    expect((await binding.reload()).state).toBe("ready");
    for (let node = 0; node < 2; node += 1) await makeNode(ctx);
    await loadAll(ctx, binding);
    await autoscale(ctx);
    expect((await findScaling(db, binding.id)).trouble).toBeNull();
  }));

test("fewer replicas than are on their way: those in the queue are simply taken back", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { binding } = await makeScaled(ctx, { min_replicas: 1, max_replicas: 4, scale_down_seconds: 0 });
    await gatewayLoad(ctx, binding, { queued: 40 });
    await autoscale(ctx);
    expect(await states(ctx, binding)).toHaveLength(4);
    await gatewayLoad(ctx, binding, { queued: 5 });
    await autoscale(ctx);
    expect((await replicasOf(ctx, binding)).filter(({ session }) => session === "stopped")).toHaveLength(3);
    expect((await findScaling(db, binding.id)).wanted).toBe(1);
  }));
