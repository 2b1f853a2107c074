import type { NodeSupply, Pending } from "./snapshot.ts";

/** How many seconds of waiting one GPU left free on a node is worth: the price of fragmentation. */
const SECONDS_PER_FREE_DEVICE = 30;
/** Between nodes that are alike in devices, a fuller one is preferred by up to this many seconds. */
const SECONDS_PER_FREE_CPU = 0.1;
/** A node that has failed a session before is taken again when others would be an hour slower: it may be at fault. */
const SECONDS_PER_TRY = 3600;

/**
 * Score of starting a session on a node, in seconds; the lowest wins. NSML's rule (the node with the fewest free
 * GPUs that fits) is the base; bytes still to fetch ÷ bandwidth is what speaks for a node that holds the data.
 */
export function scoreOf(node: NodeSupply, session: Pending): number {
  const missing = session.trees.reduce((sum, tree) => sum + (node.cached.has(tree.id) ? 0 : tree.size), 0);
  const fetchSeconds = missing / node.bandwidth;
  const devicesLeft = node.freeDevices.length - session.resources.gpus;
  const cpusLeft = (node.freeCpuMilli - session.resources.cpu_milli) / 1000;
  const tries = session.tried.get(node.id) ?? 0;
  return (
    fetchSeconds +
    SECONDS_PER_FREE_DEVICE * devicesLeft +
    SECONDS_PER_FREE_CPU * cpusLeft +
    SECONDS_PER_TRY * tries
  );
}
