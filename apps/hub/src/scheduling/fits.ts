import type { Bits } from "./bits.ts";
import type { Nodes } from "./nodes.ts";
import type { Room } from "./room.ts";
import type { Shape } from "./shape.ts";
import { Times } from "./soonest.ts";

/** A node that can take a session of some shape, and what is best there as far as it is the same for all of them. */
export interface Option {
  room: Room;
  /** the node's place among the others, see `keyOf` */
  key: number;
  /** the node's `version` that `devices` and `score` were worked out for; what is older is worked out anew */
  version: number;
  devices: readonly number[];
  /** see `scoreOf`, seconds */
  score: number;
}

/**
 * Where sessions of one shape fit now, kept from turn to turn: those nodes that come first by their keys. How many nodes
 * have room it is told at once; which ones those are it finds out when it is asked, from what has changed since.
 */
export class Fits {
  readonly times: Times;
  /** what nodes know the shape by (see room-index.ts) */
  number = 0;
  /** how many nodes have room */
  count = 0;
  /** how many lines of sessions look here */
  users = 0;
  /** when it was asked, see `Nodes` */
  private time = -1;
  /** sorted by key: all nodes up to `horizon` that have room, and no others */
  private readonly list: Option[] = [];
  private horizon = Number.NEGATIVE_INFINITY;
  /** by the numbers of nodes: which bucket each is listed under, from 1; 0: it is not */
  private listed = new Uint16Array(0);

  /** @param most  so many are compared for a session; what comes behind them is of interest once one of them is full */
  constructor(
    readonly shape: Shape,
    readonly most: number,
  ) {
    this.times = new Times(shape);
  }

  /** The nodes that have room, those with the fewest free devices first; of more than `most`, so many at the least. */
  options(nodes: Nodes): readonly Option[] {
    const from = nodes.changesSince(this.time);
    if (from < 0) this.begin(nodes);
    else this.update(nodes, from);
    this.time = nodes.time;
    this.lookOn(nodes);
    return this.list;
  }

  /** Nothing is known any more of any node. */
  forget(): void {
    this.time = -1;
    this.count = 0;
  }

  private begin(nodes: Nodes): void {
    this.list.length = 0;
    this.horizon = Number.NEGATIVE_INFINITY;
    this.listed = new Uint16Array(nodes.buckets.length);
  }

  private update({ changes, buckets, fitting, numbered }: Nodes, from: number): void {
    const { listed } = this;
    const [column, bit] = [fitting.columnOf(this.number), 1 << (this.number & 31)];
    for (let at = from; at < changes.length; at++) {
      const number = changes[at] as number;
      const is = ((column[number] as number) & bit) === 0 ? 0 : 1 + (buckets[number] as number);
      const was = listed[number] as number;
      if (is === 0 && was === 0) continue;
      const room = numbered[number] as Room;
      if (is === was) this.replace(room, keyOf(was, number));
      else {
        if (was > 0) this.take(keyOf(was, number), number);
        if (is > 0 && keyOf(is, number) <= this.horizon) this.put(room, keyOf(is, number));
      }
    }
  }

  /** The node may be another one of the same name. */
  private replace(room: Room, key: number): void {
    const at = placeOf(this.list, key);
    if (this.list[at]?.room !== room) this.list[at] = optionOf(room, key);
  }

  private take(key: number, number: number): void {
    this.list.splice(placeOf(this.list, key), 1);
    this.listed[number] = 0;
  }

  private put(room: Room, key: number): void {
    this.list.splice(placeOf(this.list, key), 0, optionOf(room, key));
    this.listed[room.number] = bucketOf(key);
    // Twice as many may be known as are compared, so that one that leaves does not make it look on at once.
    if (this.list.length <= 2 * this.most) return;
    const { room: last } = this.list.pop() as Option;
    this.listed[last.number] = 0;
    this.horizon = this.list.at(-1)?.key ?? this.horizon;
  }

  /** Until there are as many as are compared, or no others. */
  private lookOn({ order, fitting, numbered }: Nodes): void {
    if (this.horizon === Number.POSITIVE_INFINITY) return;
    const [column, bit] = [fitting.columnOf(this.number), 1 << (this.number & 31)];
    let bucket = Math.max(1, bucketOf(this.horizon));
    let from = bucketOf(this.horizon) < 1 ? 0 : numberOf(this.horizon) + 1;
    for (; bucket <= order.length && this.list.length < this.most; bucket++, from = 0) {
      const members = order[bucket - 1] as Bits;
      for (let number = members.next(from); number >= 0; number = members.next(number + 1)) {
        if (this.list.length >= this.count) break;
        if (((column[number] as number) & bit) === 0) continue;
        this.horizon = keyOf(bucket, number);
        this.list.push(optionOf(numbered[number] as Room, this.horizon));
        this.listed[number] = bucket;
        if (this.list.length >= this.most) break;
      }
    }
    if (this.list.length >= this.count) this.horizon = Number.POSITIVE_INFINITY;
  }
}

/** Keys order nodes by their bucket, then by their number. */
const KEYS_A_BUCKET = 2 ** 32;

function keyOf(bucket: number, number: number): number {
  return bucket * KEYS_A_BUCKET + number;
}

function bucketOf(key: number): number {
  return Math.floor(key / KEYS_A_BUCKET);
}

function numberOf(key: number): number {
  return key % KEYS_A_BUCKET;
}

/** Where in the sorted list the first is whose key is not less. */
function placeOf(sorted: readonly { key: number }[], key: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as { key: number }).key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function optionOf(room: Room, key = 0): Option {
  return { room, key, version: -1, devices: [], score: 0 };
}
