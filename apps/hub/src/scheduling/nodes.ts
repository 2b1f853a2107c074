import type { Bits } from "./bits.ts";
import type { FitMatrix } from "./fit-matrix.ts";
import type { Room } from "./room.ts";

/** All nodes as those see them who remember what they found out about them, and want to know what has changed since. */
export interface Nodes {
  /** by their numbers; undefined: the node is gone */
  readonly numbered: readonly (Room | undefined)[];
  /** by their numbers; no two states of nodes have the same version */
  readonly versions: readonly number[];
  /** by their numbers: how much is free on them, the fewest whole devices first */
  readonly buckets: Uint16Array;
  /** by buckets, the numbers of the nodes in each */
  readonly order: readonly Bits[];
  /** which shapes they have room for */
  readonly fitting: FitMatrix;
  /** numbers of nodes in the order in which they changed, as far back as that is remembered */
  readonly changes: readonly number[];
  readonly time: number;
  /** where in `changes` those begin that are later than that `time`; −1: it is too long ago, anything may have changed */
  changesSince(time: number): number;
}
