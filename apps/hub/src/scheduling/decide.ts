import { refusalOf, usableDevices } from "./fit.ts";
import { scoreOf } from "./score.ts";
import type { NodeSupply, Pending, Placement, Refusal, Snapshot } from "./snapshot.ts";

export interface Decision {
  placements: Placement[];
  /** For each session that stays: why every node was refused. */
  refusals: Map<string, Refusal[]>;
}

/**
 * Decides which pending sessions start where. Pure and deterministic: order is priority, then the team that holds
 * least, then age (ids sort by time); every placement is taken off the supply before the next is considered.
 */
export function decide(snapshot: Snapshot): Decision {
  const nodes = snapshot.nodes.map((node) => ({ ...node }));
  const usage = new Map(snapshot.usage);
  const waiting = [...snapshot.pending];
  const placements: Placement[] = [];
  const refusals = new Map<string, Refusal[]>();

  while (waiting.length > 0) {
    const next = takeNext(waiting, usage);
    const best = bestNode(nodes, next);
    if (!best) {
      refusals.set(
        next.sessionId,
        nodes.map((node) => ({ node: node.name, reason: refusalOf(node, next.resources) ?? "" })),
      );
      continue;
    }
    const deviceIds = usableDevices(best.node, next.resources)
      .slice(0, next.resources.gpus)
      .map((device) => device.id);
    placements.push({ sessionId: next.sessionId, nodeId: best.node.id, deviceIds, score: best.score });
    best.node.freeCpuMilli -= next.resources.cpu_milli;
    best.node.freeMemoryBytes -= next.resources.memory_bytes;
    best.node.freeDevices = best.node.freeDevices.filter((device) => !deviceIds.includes(device.id));
    usage.set(next.teamId, (usage.get(next.teamId) ?? 0) + weightOf(next));
  }
  return { placements, refusals };
}

/** What a session counts for in its team's share: devices, or CPUs for one without devices. */
export function weightOf(session: Pick<Pending, "resources">): number {
  return session.resources.gpus > 0 ? session.resources.gpus : session.resources.cpu_milli / 100_000;
}

function takeNext(waiting: Pending[], usage: ReadonlyMap<string, number>): Pending {
  let chosen = 0;
  for (let index = 1; index < waiting.length; index++) {
    const a = waiting[index] as Pending;
    const b = waiting[chosen] as Pending;
    const share = (usage.get(a.teamId) ?? 0) - (usage.get(b.teamId) ?? 0);
    if (
      a.priority > b.priority ||
      (a.priority === b.priority && (share < 0 || (share === 0 && a.sessionId < b.sessionId)))
    ) {
      chosen = index;
    }
  }
  return waiting.splice(chosen, 1)[0] as Pending;
}

function bestNode(
  nodes: NodeSupply[],
  session: Pending,
): { node: NodeSupply & { freeCpuMilli: number }; score: number } | null {
  let best: { node: NodeSupply; score: number } | null = null;
  for (const node of nodes) {
    if (refusalOf(node, session.resources) !== null) continue;
    const score = scoreOf(node, session);
    if (!best || score < best.score || (score === best.score && node.id < best.node.id))
      best = { node, score };
  }
  return best;
}
