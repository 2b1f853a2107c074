import type { NodeSupply, Pending } from "./snapshot.ts";

/** How many seconds of waiting one GPU left free on a node is worth: the price of fragmentation. */
const SECONDS_PER_FREE_DEVICE = 30;
/** Between nodes that are alike in devices, a fuller one is preferred by up to this many seconds. */
const SECONDS_PER_FREE_CPU = 0.1;
/** A node that has failed a session before is taken again when others would be an hour slower: it may be at fault. */
const SECONDS_PER_TRY = 3600;

/** What nothing is known about yet: how long an environment takes to build, how large an image is. */
const ASSUMED_BUILD_SECONDS = 60;
const ASSUMED_IMAGE_BYTES = 2 * 1024 ** 3;

/**
 * Score of starting a session on a node, in seconds; the lowest wins. NSML's rule (the node with the fewest free
 * GPUs that fits) is the base; seconds until it could start are what speaks for a node that holds what it needs.
 */
export function scoreOf(node: NodeSupply, session: Pending): number {
  const devicesLeft = node.freeDevices.length - session.resources.gpus;
  const cpusLeft = (node.freeCpuMilli - session.resources.cpu_milli) / 1000;
  const tries = session.tried.get(node.id) ?? 0;
  return (
    secondsUntilStart(node, session) +
    SECONDS_PER_FREE_DEVICE * devicesLeft +
    SECONDS_PER_FREE_CPU * cpusLeft +
    SECONDS_PER_TRY * tries
  );
}

/** Bytes of data and image still to fetch ÷ bandwidth, and the build of an environment that is not there yet. */
function secondsUntilStart(node: NodeSupply, { trees, image, imageBytes, environment }: Pending): number {
  const ofTrees = trees.reduce((sum, tree) => sum + (node.cached.has(tree.id) ? 0 : tree.size), 0);
  const ofImage = image === null || node.images.has(image) ? 0 : (imageBytes ?? ASSUMED_IMAGE_BYTES);
  const isBuilt = environment === null || node.environments.has(environment.key);
  const build = isBuilt ? 0 : (environment.buildSeconds ?? ASSUMED_BUILD_SECONDS);
  return (ofTrees + ofImage) / node.bandwidth + build;
}
