import { canTake } from "./fit.ts";
import type { Room } from "./room.ts";
import type { Shape } from "./shape.ts";
import { Times } from "./soonest.ts";

/** A node that can take a session of some shape, and what is best there as far as it is the same for all of them. */
export interface Option {
  room: Room;
  /** the node's `key` when it was put in: its place among the others */
  key: number;
  /** the node's `version` that `devices` and `score` were worked out for; what is older is worked out anew */
  version: number;
  devices: readonly number[];
  /** see `scoreOf`, seconds */
  score: number;
}

/**
 * Where sessions of one shape fit now, kept from turn to turn: those nodes that come first by their keys. It is told of
 * every node that changes, so that nobody has to look at all nodes to find out who has room.
 */
export class Fits {
  /** sorted by key: all nodes up to `horizon` that have room, and no others */
  readonly options: Option[] = [];
  /** up to this key all nodes are known */
  private horizon = Number.NEGATIVE_INFINITY;
  readonly times: Times;
  /** how many lines of sessions look here */
  users = 0;

  /** @param most  so many are compared for a session; what comes behind them is of interest once one of them is full */
  constructor(
    readonly shape: Shape,
    readonly most: number,
  ) {
    this.times = new Times(shape);
  }

  /** True when there are no others than those in `options`. */
  get isAll(): boolean {
    return this.horizon === Number.POSITIVE_INFINITY;
  }

  /** Looks on until there are as many as are compared, or no others. */
  settle(buckets: readonly (readonly Room[])[], first: number): void {
    if (this.isAll || this.options.length >= this.most) return;
    for (let at = Math.max(first, bucketOf(this.horizon)); at < buckets.length; at++) {
      const bucket = buckets[at] ?? [];
      for (let position = after(bucket, this.horizon); position < bucket.length; position++) {
        const room = bucket[position] as Room;
        if (!canTake(room, this.shape)) continue;
        this.options.push(optionOf(room));
        this.horizon = room.key;
        if (this.options.length >= this.most) return;
      }
    }
    this.horizon = Number.POSITIVE_INFINITY;
  }

  /**
   * The node has more or less free than before, or has come.
   * @param before  the key that it had
   * @param canTake  whether it has room now
   */
  changed(room: Room, before: number, canTake: boolean): void {
    const isIn = canTake && room.key <= this.horizon;
    if (!isIn && this.options.length === 0) return;
    const at = before > this.horizon ? 0 : placeOf(this.options, before);
    const former = this.options[at];
    const wasIn = former?.room === room;
    if (isIn && wasIn && before === room.key) return;
    if (wasIn) this.options.splice(at, 1);
    if (!isIn) return;
    const option = wasIn ? former : optionOf(room);
    option.key = room.key;
    this.options.splice(placeOf(this.options, room.key), 0, option);
    // Twice as many may be known as are compared, so that one that leaves does not make it look on at once.
    if (this.options.length <= 2 * this.most) return;
    this.options.pop();
    this.horizon = this.options.at(-1)?.key ?? this.horizon;
  }

  removed(room: Room): void {
    const at = placeOf(this.options, room.key);
    if (this.options[at]?.room === room) this.options.splice(at, 1);
  }

  /** Nothing is known any more: nodes have got other keys. */
  forget(): void {
    this.options.length = 0;
    this.horizon = Number.NEGATIVE_INFINITY;
  }
}

/** Keys order nodes by their bucket, then by their number. */
const KEYS_A_BUCKET = 2 ** 32;

export function keyOf(bucket: number, number: number): number {
  return bucket * KEYS_A_BUCKET + number;
}

export function bucketOf(key: number): number {
  return Math.floor(key / KEYS_A_BUCKET);
}

/** Where in the sorted list the first is whose key is not less. */
export function placeOf(sorted: readonly { key: number }[], key: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as { key: number }).key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function after(sorted: readonly { key: number }[], key: number): number {
  const at = placeOf(sorted, key);
  return sorted[at]?.key === key ? at + 1 : at;
}

export function optionOf(room: Room): Option {
  return { room, key: room.key, version: -1, devices: [], score: 0 };
}
