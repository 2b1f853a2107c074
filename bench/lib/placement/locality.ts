import type { Resources } from "@podium/shared";
import { Scheduler } from "../../../apps/hub/src/scheduling/scheduler.ts";
import { secondsUntilStart } from "../../../apps/hub/src/scheduling/score.ts";
import type { NodeSupply, Pending } from "../../../apps/hub/src/scheduling/snapshot.ts";
import { seeded } from "../../../apps/hub/src/testing/random.ts";
import { demandsOf } from "./policies.ts";
import { pendingOf, supplyOf, type Workload } from "./workload.ts";

const GIB = 1024 ** 3;
/** Assumed: datasets by Zipf with exponent 1, 1 to 200 GiB; 1 Gbit/s to each node; a cache of 1 TiB, oldest use out. */
const DATASETS = 200;
const CACHE_BYTES = 1024 * GIB;
const MEAN_RUN_S = 3600;
/** Of the devices, what the sessions that run at one time ask for. */
const LOAD = 0.7;

interface Cached {
  supply: NodeSupply;
  cached: Set<string>;
}

/**
 * Seconds from a session's arrival until its data is on its node, the median, in a simulation by events: sessions
 * arrive at random (exponentially), each with a dataset, run for exponential times and leave.
 * @param knows  whether the scheduler is told what nodes hold
 */
export function medianStartDelay(
  workload: Workload,
  knows: boolean,
  sessions: number,
  nodes: number,
): number {
  const { next, int, pick } = seeded(11);
  const tasks = workload.tasks.filter(({ gpus }) => gpus > 0);
  const sizes = Array.from({ length: DATASETS }, () => Math.exp(next() * Math.log(200)) * GIB);
  const zipf = cumulative(sizes.map((_, rank) => 1 / (rank + 1)));
  const cluster = new Map<string, Cached>();
  const scheduler = new Scheduler({ mix: demandsOf(tasks), usage: new Map() });
  for (let index = 0; index < nodes; index++) {
    const machine = workload.machines[int(workload.machines.length)];
    if (!machine) continue;
    const supply = supplyOf({ ...machine, name: `node-${String(index).padStart(5, "0")}` });
    cluster.set(supply.id, { supply, cached: new Set() });
    scheduler.setNode(supply);
  }
  const devices = [...cluster.values()].reduce((sum, { supply }) => sum + supply.devices.length, 0);
  const mean = tasks.reduce((sum, { gpus, gpu_milli }) => sum + (gpus * gpu_milli) / 1000, 0) / tasks.length;
  const everySeconds = (mean * MEAN_RUN_S) / (LOAD * devices);

  const waiting = new Map<string, { session: Pending; at: number; runs: number }>();
  const ends: { id: string; at: number }[] = [];
  const delays: number[] = [];
  let now = 0;
  const turn = () => {
    for (const { sessionId, parts } of scheduler.decide(now * 1000).placements) {
      const found = waiting.get(sessionId);
      const node = cluster.get(parts[0]?.nodeId ?? "");
      if (!found || !node) throw new Error("placed what does not wait");
      waiting.delete(sessionId);
      const { session, at, runs } = found;
      const fetch = secondsUntilStart({ supply: { ...node.supply, cached: node.cached } }, session);
      delays.push(now + fetch - at);
      ends.push({ id: sessionId, at: now + fetch + runs });
      keep(node, session.trees, sizes);
      // A node says what it holds with its next heartbeat.
      if (knows) scheduler.learn(node.supply.id, new Set(node.cached));
    }
  };
  for (let count = 0; count < sessions; count++) {
    now += -Math.log(1 - next()) * everySeconds;
    ends.sort((a, b) => b.at - a.at);
    for (let last = ends.at(-1); last && last.at <= now; last = ends.at(-1)) {
      ends.pop();
      scheduler.end(last.id);
    }
    const id = `session-${String(count).padStart(7, "0")}`;
    const rank = at(zipf, next());
    const trees = [{ id: `dataset-${rank}`, size: sizes[rank] ?? 0 }];
    const session = pendingOf(id, pick(tasks) as Resources, { trees, since: now * 1000 });
    waiting.set(id, { session, at: now, runs: -Math.log(1 - next()) * MEAN_RUN_S });
    scheduler.submit(session);
    turn();
  }
  // The caches are empty at first: what counts is how it goes on.
  const later = delays.slice(Math.floor(delays.length / 4)).sort((a, b) => a - b);
  return later[Math.floor(later.length / 2)] ?? Number.NaN;
}

/** The oldest use makes room; a set keeps the order in which things were put in. */
function keep(node: Cached, trees: Pending["trees"], sizes: readonly number[]): void {
  for (const { id } of trees) {
    node.cached.delete(id);
    node.cached.add(id);
  }
  const sizeOf = (id: string) => sizes[Number(id.split("-")[1])] ?? 0;
  let bytes = [...node.cached].reduce((sum, id) => sum + sizeOf(id), 0);
  for (const id of node.cached) {
    if (bytes <= CACHE_BYTES) break;
    node.cached.delete(id);
    bytes -= sizeOf(id);
  }
}

function cumulative(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  return weights.map((weight) => {
    sum += weight / total;
    return sum;
  });
}

const at = (sums: readonly number[], random: number) => {
  const found = sums.findIndex((sum) => sum >= random);
  return found < 0 ? sums.length - 1 : found;
};
