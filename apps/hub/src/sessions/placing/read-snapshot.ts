import { readSupply } from "../../nodes/index.ts";
import type { Context } from "../../platform/context.ts";
import { type Running, type Snapshot, weightOf } from "../../scheduling/index.ts";
import { runsImages, takesGangs } from "../capable-nodes.ts";
import { gpuModels } from "../gpu-models.ts";
import { listHeld, listLive, listQueued, nodesTried, recentDemands, treeSizes } from "./store.ts";

/** Until it has been measured: what a node fetches a second, bytes. */
const ASSUMED_BANDWIDTH = 50 * 1024 ** 2;
const MAX_CONSIDERED = 2_000;

type Queued = Awaited<ReturnType<typeof listQueued>>[number];
type Live = Awaited<ReturnType<typeof listLive>>[number];
type Held = Awaited<ReturnType<typeof listHeld>>;

/** What the scheduler decides from, read from the database: one query when nothing waits, a handful when something does. */
export async function readSnapshot(ctx: Context): Promise<Snapshot> {
  const now = ctx.clock.now().getTime();
  const queued = await listQueued(ctx.db, MAX_CONSIDERED);
  if (queued.length === 0) return { now, pending: [], nodes: [], running: [], usage: new Map(), mix: [] };
  const again = queued.filter((session) => session.epoch > 0).map((session) => session.id);
  const tried = await nodesTried(ctx.db, again);
  const sizes = await treeSizes(ctx.db, queued.flatMap(otherTrees));
  const needed = queued.map((session) => treesOf(session, sizes));
  const supply = await readSupply(ctx.db, {
    trees: needed.flatMap((trees) => trees.map(({ id }) => id)),
    environments: queued.flatMap(({ environment }) => environment ?? []),
    images: queued.flatMap(({ image }) => image ?? []),
  });
  const live = await listLive(ctx.db);
  const held = await listHeld(ctx.db);
  const models = gpuModels(supply.nodes.flatMap(({ devices }) => devices.map(({ model }) => model)));

  const usage = new Map<string, number>();
  for (const { teamId, resources } of live) usage.set(teamId, (usage.get(teamId) ?? 0) + weightOf(resources));
  return {
    now,
    pending: queued.map(({ id, environment: key, ...session }, index) => ({
      sessionId: id,
      teamId: session.teamId,
      resources: models.in(session.resources),
      since: session.createdAt.getTime(),
      limitMs: session.kind === "serve" ? null : session.timeoutMs - session.ranMs,
      parts: session.nodes,
      urgency: session.urgency,
      priority: session.priority,
      turn: session.turn,
      preemptible: session.preemptible,
      image: session.image,
      moveTo: session.moveTo,
      imageBytes: supply.imageBytes.get(session.image ?? "") ?? null,
      trees: needed[index] ?? [],
      environment: key === null ? null : { key, buildSeconds: supply.buildSeconds.get(key) ?? null },
      tried: countOf(tried.get(id) ?? []),
    })),
    nodes: nodesOf(supply, live),
    running: [...Map.groupBy(live, (attempt) => attempt.sessionId).values()].flatMap((members) =>
      runningOf(members, held, now),
    ),
    usage,
    mix: (await recentDemands(ctx.db)).map((demand) => ({
      ...demand,
      resources: models.in(demand.resources),
    })),
  };
}

function nodesOf(
  { nodes }: Awaited<ReturnType<typeof readSupply>>,
  live: readonly Live[],
): Snapshot["nodes"] {
  const byNode = Map.groupBy(live, (attempt) => attempt.nodeId);
  return nodes.map(({ node, devices, ...caches }) => {
    const here = byNode.get(node.id) ?? [];
    const used = (of: "cpu_milli" | "memory_bytes") =>
      here.reduce((sum, { resources }) => sum + resources[of], 0);
    return {
      id: node.id,
      name: node.name,
      freeCpuMilli: (node.capacity?.cpu_milli ?? 0) - used("cpu_milli"),
      freeMemoryBytes: (node.capacity?.memory_bytes ?? 0) - used("memory_bytes"),
      devices: devices.map(({ id, model, heldMilli }) => ({ id, model, freeMilli: 1000 - heldMilli })),
      runsImages: runsImages(node.capacity),
      takesGangs: takesGangs(node.capacity),
      draining: node.state === "draining",
      rack: null,
      ...caches,
      bandwidth: node.usage?.fetch_bytes_per_second ?? ASSUMED_BANDWIDTH,
    };
  });
}

/** @param members  of one session, one unless it is a gang: what has ended of it holds nothing any more */
function runningOf(members: readonly Live[], held: Held, now: number): Running[] {
  const [attempt] = members;
  if (!attempt) return [];
  const { sessionId, teamId, resources, urgency, preemptible } = attempt;
  const since = Math.min(...members.map(({ startedAt, placedAt }) => (startedAt ?? placedAt).getTime()));
  const running = {
    sessionId,
    teamId,
    resources,
    parts: members.map(({ attemptId, nodeId }) => {
      const devices = held.get(attemptId) ?? [];
      return { nodeId, deviceIds: devices.map((row) => row.deviceId), milli: devices[0]?.milli ?? 1000 };
    }),
    endsAt: attempt.kind === "serve" ? null : since + attempt.timeoutMs - attempt.ranMs,
    urgency,
    preemptible,
    isEnding: attempt.state === "stopping",
    atRiskSeconds: (now - Math.max(since, attempt.savedAt?.getTime() ?? 0)) / 1000,
  };
  return [running];
}

/** Trees beside datasets, whose sizes the session's row does not have. */
function otherTrees({ codeTree, checkpointTree, inputTree }: Queued): string[] {
  return [codeTree, checkpointTree, inputTree].flatMap((tree) => tree ?? []);
}

function treesOf(session: Queued, sizes: ReadonlyMap<string, number>) {
  const all = new Map(session.datasets.map((mount) => [mount.tree_id, mount.size_bytes]));
  for (const id of otherTrees(session)) all.set(id, sizes.get(id) ?? 0);
  return [...all].map(([id, size]) => ({ id, size }));
}

function countOf(items: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}
