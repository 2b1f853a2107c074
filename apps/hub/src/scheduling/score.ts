import type { Room } from "./room.ts";
import { type Shape, WHOLE } from "./shape.ts";
import type { Pending } from "./snapshot.ts";

/** How many seconds of waiting one GPU left free on a node is worth: NSML's rule, the fewest that fit. */
const SECONDS_PER_FREE_DEVICE = 30;
/** The same where it is known what is typically asked for: waste says it better then, and this only decides near ties. */
const SECONDS_PER_FREE_DEVICE_BESIDE_WASTE = 2;
/** A GPU that the typical session can use no more is as good as lost until its node empties: minutes, not seconds. */
const SECONDS_PER_WASTED_DEVICE = 600;
/**
 * Of nodes that are alike in devices the one with the fewest CPUs left: others keep enough for their devices. Tuned with
 * the constant above on seeds 1 to 10 of the placement bench; between 0.15 and 0.3 the share of GPUs differs little.
 */
const SECONDS_PER_FREE_CPU = 0.25;
/** A node that has failed a session before is taken again when others would be an hour slower: it may be at fault. */
const SECONDS_PER_TRY = 3600;

/** What nothing is known about yet: how long an environment takes to build, how large an image is. */
const ASSUMED_BUILD_SECONDS = 60;
const ASSUMED_IMAGE_BYTES = 2 * 1024 ** 3;

/**
 * Score of starting a session on a node, in seconds; the lowest wins. NSML's rule (the node with the fewest free
 * GPUs that fits) is the base; how much of the node becomes useless for others counts more (see fragmentation.ts),
 * and seconds until it could start (`delayOf`, which is to be added) are what speaks for a node that holds what it needs.
 * @param growth  by how much the node's expected waste grows, thousandths of a GPU; null: nothing is known of that
 */
export function scoreOf(room: Room, shape: Shape, growth: number | null): number {
  const perFree = growth === null ? SECONDS_PER_FREE_DEVICE : SECONDS_PER_FREE_DEVICE_BESIDE_WASTE;
  const devicesLeft = (room.totalFree - shape.gpus * shape.milli) / WHOLE;
  const cpusLeft = (room.freeCpuMilli - shape.cpuMilli) / 1000;
  return (
    (SECONDS_PER_WASTED_DEVICE * (growth ?? 0)) / WHOLE +
    perFree * devicesLeft +
    SECONDS_PER_FREE_CPU * cpusLeft
  );
}

/** False when `delayOf` is 0 wherever the session goes: it has nothing to fetch or build, and no node has failed it. */
export function canBeDelayed({ trees, image, environment, tried }: Pending): boolean {
  return trees.length > 0 || image !== null || environment !== null || tried.size > 0;
}

/** What the score has from the session itself, beyond its shape: seconds until it could start, and nodes that failed it. */
export function delayOf(room: Room, session: Pending): number {
  return secondsUntilStart(room, session) + SECONDS_PER_TRY * (session.tried.get(room.id) ?? 0);
}

/** Bytes of data and image still to fetch ÷ bandwidth, and the build of an environment that is not there yet. */
export function secondsUntilStart(
  { supply }: Pick<Room, "supply">,
  { trees, image, imageBytes, environment }: Pending,
): number {
  let bytes = image === null || supply.images.has(image) ? 0 : (imageBytes ?? ASSUMED_IMAGE_BYTES);
  for (const tree of trees) if (!supply.cached.has(tree.id)) bytes += tree.size;
  const isBuilt = environment === null || supply.environments.has(environment.key);
  const build = isBuilt ? 0 : (environment.buildSeconds ?? ASSUMED_BUILD_SECONDS);
  return bytes / supply.bandwidth + build;
}
