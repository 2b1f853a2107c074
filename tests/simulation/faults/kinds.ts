import type { World } from "../engine/world.ts";

export const FAULT_KINDS = [
  /** hubs, runners and machines die at any moment, hubs also in the middle of a transaction */
  "crashes",
  /** the database goes away, or a hub's connection to it */
  "database",
  /** a disk is full: the database's, or a node's */
  "disk full",
  /** nodes are cut off from all hubs */
  "partitions",
  /** messages get lost, and take their connection along */
  "loss",
  "repeated messages",
  /** messages and statements take long, and others overtake them */
  "slow",
  /** the clocks of hubs and nodes differ, and jump */
  "skew",
  "late jobs",
  "repeated jobs",
  /** hubs miss notifications */
  "deaf",
  /** the scorer fails */
  "scorer",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Every seed has another mixture: what one fault hides, a seed without it shows. */
export function chooseFaults(world: World): Set<FaultKind> {
  const share = world.random.pick([0, 0.2, 0.5, 0.8]);
  return new Set(FAULT_KINDS.filter(() => world.random.next() < share));
}
