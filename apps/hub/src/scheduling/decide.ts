import type { Resources } from "@podium/shared";
import { refusalOf, usableDevices } from "./fit.ts";
import { scoreOf } from "./score.ts";
import type { Needs, NodeSupply, Pending, Placement, Snapshot } from "./snapshot.ts";
import { turns } from "./turns.ts";

export interface Decision {
  placements: Placement[];
  /** Sessions that stay, in the order of their turns. */
  waiting: Pending[];
  /** What the nodes have left: none of it fits any of those that wait (see explain.ts). */
  left: NodeSupply[];
}

/**
 * Decides which pending sessions start where. Pure and deterministic: sessions take turns (see turns.ts), and every
 * placement is taken off the supply before the next is considered.
 */
export function decide(snapshot: Snapshot): Decision {
  const nodes = snapshot.nodes.map((node) => ({ ...node }));
  const usage = new Map(snapshot.usage);
  const placements: Placement[] = [];
  const waiting: Pending[] = [];
  // Supply only shrinks: what fitted nowhere fits nowhere later, which makes a long queue of the like cheap.
  const hopeless = new Set<string>();

  for (const session of turns(snapshot.pending, usage)) {
    const shape = shapeOf(session);
    const best = hopeless.has(shape) ? null : bestNode(nodes, session);
    if (!best) {
      hopeless.add(shape);
      waiting.push(session);
      continue;
    }
    placements.push(take(best.node, best.score, session));
    usage.set(session.teamId, (usage.get(session.teamId) ?? 0) + weightOf(session.resources));
  }
  return { placements, waiting, left: nodes };
}

/** What a session counts for in its team's share: its devices; without any, a hundred CPUs count as one. */
export function weightOf(resources: Pick<Resources, "gpus" | "cpu_milli">): number {
  return resources.gpus > 0 ? resources.gpus : resources.cpu_milli / 100_000;
}

/** All that `refusalOf` looks at: which image it is makes no difference to what fits. */
function shapeOf({ resources, image, moveTo = null }: Needs): string {
  const { gpus, gpu_model, cpu_milli, memory_bytes } = resources;
  return `${gpus} ${cpu_milli} ${memory_bytes} ${image !== null} ${gpu_model} ${JSON.stringify(moveTo)}`;
}

function bestNode(
  nodes: readonly NodeSupply[],
  session: Pending,
): { node: NodeSupply; score: number } | null {
  let best: { node: NodeSupply; score: number } | null = null;
  for (const node of nodes) {
    if (refusalOf(node, session) !== null) continue;
    const score = scoreOf(node, session);
    if (!best || score < best.score || (score === best.score && node.id < best.node.id))
      best = { node, score };
  }
  return best;
}

/** Takes what the session needs off the node's supply. */
function take(node: NodeSupply, score: number, { sessionId, resources }: Pending): Placement {
  const deviceIds = usableDevices(node, resources)
    .slice(0, resources.gpus)
    .map((device) => device.id);
  node.freeCpuMilli -= resources.cpu_milli;
  node.freeMemoryBytes -= resources.memory_bytes;
  node.freeDevices = node.freeDevices.filter((device) => !deviceIds.includes(device.id));
  return { sessionId, nodeId: node.id, deviceIds, score };
}
