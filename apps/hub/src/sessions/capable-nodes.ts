import type { NodeCapacity } from "@podium/shared";
import { listNodes } from "../nodes/index.ts";
import type { Tx } from "../platform/database.ts";
import { type Needs, type NodeSupply, nearest, refusalOf } from "../scheduling/index.ts";

/** A lost node is waited for so long; one that has been away for longer may never come back. */
export const WORTH_WAITING_DAYS = 7;
const DAY_MS = 86_400_000;

/** True when sessions may name a container image to run in. */
export function runsImages(capacity: NodeCapacity | null): boolean {
  return capacity?.executors.includes("docker") ?? false;
}

/**
 * Every node that counts, with what it would lack for a session if nothing else ran there; those first that miss it
 * most narrowly. Nodes that drain or are lost count too: they come back. Not those lost for a week.
 */
export async function lacksWhenEmpty(
  tx: Tx,
  needs: Needs,
  now: Date,
): Promise<{ node: string; reason: string | null }[]> {
  const since = new Date(now.getTime() - WORTH_WAITING_DAYS * DAY_MS);
  const known = (await listNodes(tx)).flatMap(({ node: { id, name, capacity, state, lastSeenAt } }) => {
    const isGone = state === "lost" && lastSeenAt !== null && lastSeenAt < since;
    return capacity && !isGone ? [emptyNode(id, name, capacity)] : [];
  });
  const lacking = nearest(known, needs);
  const isLacking = new Set(lacking);
  const fits = known.filter((node) => !isLacking.has(node));
  return [...fits, ...lacking].map((node) => ({ node: node.name, reason: refusalOf(node, needs) }));
}

function emptyNode(id: string, name: string, capacity: NodeCapacity): NodeSupply {
  const none: ReadonlySet<string> = new Set();
  return {
    id,
    name,
    freeCpuMilli: capacity.cpu_milli,
    freeMemoryBytes: capacity.memory_bytes,
    devices: capacity.devices.map(({ uuid, model }) => ({ id: uuid, model, freeMilli: 1000 })),
    runsImages: runsImages(capacity),
    draining: false,
    rack: null,
    cached: none,
    environments: none,
    images: none,
    bandwidth: 1,
  };
}
