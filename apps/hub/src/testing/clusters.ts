import { resourcesSchema } from "@podium/shared";
import type { NodeSupply, Pending, Running, Snapshot } from "../scheduling/snapshot.ts";
import { seeded } from "./random.ts";

export const MIB = 1024 ** 2;
export const GIB = 1024 ** 3;

/** A node that is empty: 16 CPUs, 64 GiB, so many H100. */
export function node(id: string, gpus: number, more: Partial<NodeSupply> = {}): NodeSupply {
  const devices = Array.from({ length: gpus }, (_, index) => ({
    id: `${id}-${index}`,
    model: "H100",
    freeMilli: 1000,
  }));
  const supply = {
    freeCpuMilli: 16_000,
    freeMemoryBytes: 64 * GIB,
    devices,
    runsImages: true,
    takesGangs: true,
  };
  const caches = { cached: new Set<string>(), environments: new Set<string>(), images: new Set<string>() };
  return { id, name: id, bandwidth: 50 * MIB, draining: false, rack: null, ...supply, ...caches, ...more };
}

/** A session that has just been queued and may run for a day. */
export function session(
  id: string,
  resources: Record<string, unknown> = {},
  more: Partial<Pending> = {},
): Pending {
  const who = { teamId: "team-a", urgency: 0, priority: 0, preemptible: false };
  const when = { since: 0, limitMs: 86_400_000, parts: 1 };
  const needs = { image: null, imageBytes: null, environment: null, trees: [], tried: new Map() };
  return { sessionId: id, resources: resourcesSchema.parse(resources), ...who, ...when, ...needs, ...more };
}

/** A session that runs, with these devices of this node. */
export function running(
  id: string,
  where: { nodeId: string; deviceIds: string[] },
  more: Partial<Running> = {},
): Running {
  const resources = resourcesSchema.parse({ gpus: where.deviceIds.length });
  const state = { endsAt: null, urgency: 0, preemptible: false, isEnding: false, atRiskSeconds: 0 };
  const parts = [{ ...where, milli: resources.gpu_milli }];
  return { sessionId: id, teamId: "team-z", resources, parts, ...state, ...more };
}

export function snapshot(pending: Pending[], nodes: NodeSupply[], more: Partial<Snapshot> = {}): Snapshot {
  return { now: 0, pending, nodes, running: [], usage: new Map(), mix: [], ...more };
}

/** Nodes and sessions of all sizes, some impossible, none running yet. */
export function randomSnapshot(seed: number, counts: { pending: number; nodes: number }): Snapshot {
  const { int, pick } = seeded(seed);
  const nodes = Array.from({ length: counts.nodes }, (_, index) => {
    const devices = Array.from({ length: int(9) }, (_, device) => ({
      id: `n${index}-${device}`,
      model: pick(["H100", "A100"]),
      freeMilli: pick([0, 250, 600, 1000, 1000, 1000]),
    }));
    return node(`n${String(index).padStart(4, "0")}`, 0, {
      freeCpuMilli: int(65) * 1000 - 1000,
      freeMemoryBytes: int(512) * GIB,
      devices,
      cached: new Set([`t${int(5)}`]),
      environments: new Set([`e${int(5)}`]),
      runsImages: int(3) > 0,
      draining: int(10) === 0,
      rack: pick([null, "r1", "r2"]),
    });
  });
  const pending = Array.from({ length: counts.pending }, (_, index) =>
    randomSession(`s${String(index).padStart(5, "0")}`, seed * 10_007 + index),
  );
  const mix = pending.slice(0, int(counts.pending)).map(({ resources }) => ({ resources, count: 1 }));
  return snapshot(pending, nodes, { now: HOUR_MS, usage: new Map([["team-0", 4]]), mix });
}

const HOUR_MS = 3_600_000;

export function randomSession(id: string, seed: number, more: Partial<Pending> = {}): Pending {
  const { int, pick } = seeded(seed);
  const gpus = pick([0, 0, 1, 1, 1, 2, 4, 8, 16]);
  const resources = {
    gpus,
    gpu_milli: gpus === 1 ? pick([100, 250, 400, 600, 1000, 1000]) : 1000,
    gpu_model: pick([null, null, null, "H100", "L4", "H100|A100"]),
    cpu_milli: 100 + int(40) * 250,
    memory_bytes: (1 + int(64)) * GIB,
  };
  return session(id, resources, {
    teamId: `team-${int(12)}`,
    since: int(HOUR_MS),
    limitMs: pick([null, HOUR_MS / 60, HOUR_MS, 24 * HOUR_MS]),
    parts: pick([1, 1, 1, 1, 1, 1, 2, 5]),
    urgency: pick([0, 0, 0, 10]),
    priority: pick([-5, 0, 5]),
    preemptible: int(3) === 0,
    trees: [{ id: `t${int(5)}`, size: int(100) * GIB }],
    image: pick([null, null, "ml:1"]),
    environment: pick([null, { key: `e${int(5)}`, buildSeconds: int(100) }]),
    turn: pick([null, null, int(HOUR_MS)]),
    ...more,
  });
}
