import { Bits } from "./bits.ts";
import type { Room } from "./room.ts";
import type { Shape } from "./shape.ts";
import { Times } from "./soonest.ts";

/** A node that can take a session of some shape, and what is best there as far as it is the same for all of them. */
export interface Option {
  room: Room;
  /** the node's `version` that `devices` and `score` were worked out for; what is older is worked out anew */
  version: number;
  devices: readonly number[];
  /** see `scoreOf`, seconds */
  score: number;
}

/**
 * Where sessions of one shape fit now, kept from turn to turn. It is told of every node that has room from now on, or
 * none any more, so that nobody has to look at all nodes to find that out.
 */
export class Fits {
  readonly times: Times;
  /** how many nodes have room */
  count = 0;
  /** how many lines of sessions look here */
  users = 0;
  /** nodes that have room, by their buckets (see room-index.ts) and numbers */
  private readonly buckets: Bits[] = [];
  private readonly counts: number[] = [];
  /** the first of them in that order */
  private first: Option[] = [];
  /** what changes in buckets up to this one changes `first` */
  private reach = Number.POSITIVE_INFINITY;
  private isStale = false;
  /** by the numbers of nodes, what was worked out for them */
  private readonly known = new Map<number, Option>();

  /** @param most  so many are compared for a session */
  constructor(
    readonly shape: Shape,
    readonly most: number,
  ) {
    this.times = new Times(shape);
  }

  put(bucket: number, number: number): void {
    while (this.buckets.length <= bucket) {
      this.buckets.push(new Bits());
      this.counts.push(0);
    }
    this.buckets[bucket]?.add(number);
    this.shift(bucket, 1);
  }

  drop(bucket: number, number: number): void {
    this.buckets[bucket]?.delete(number);
    this.shift(bucket, -1);
  }

  /** The nodes that are compared for a session: those with the fewest free devices, `most` of them at the most. */
  options(rooms: readonly (Room | undefined)[]): readonly Option[] {
    if (!this.isStale) return this.first;
    this.isStale = false;
    const { most } = this;
    const first: Option[] = [];
    for (let bucket = 0; bucket < this.buckets.length && first.length < most; bucket++) {
      if (this.counts[bucket] === 0) continue;
      const numbers = this.buckets[bucket] as Bits;
      for (let number = numbers.next(0); number >= 0 && first.length < most; number = numbers.next(number + 1))
        first.push(this.optionAt(number, rooms[number] as Room));
    }
    if (this.known.size > 8 * first.length + 64) this.known.clear();
    this.first = first;
    this.reach = first.length < most ? Number.POSITIVE_INFINITY : (first.at(-1)?.room.bucket ?? 0);
    return first;
  }

  /** Nothing is known any more: nodes have got other numbers. */
  forget(): void {
    this.buckets.length = 0;
    this.counts.length = 0;
    this.known.clear();
    this.first = [];
    this.reach = Number.POSITIVE_INFINITY;
    this.count = 0;
    this.isStale = false;
  }

  private shift(bucket: number, by: 1 | -1): void {
    this.count += by;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + by;
    if (bucket <= this.reach) this.isStale = true;
  }

  private optionAt(number: number, room: Room): Option {
    const found = this.known.get(number);
    if (found?.room === room) return found;
    const option = optionOf(room);
    this.known.set(number, option);
    return option;
  }
}

export function optionOf(room: Room): Option {
  return { room, version: -1, devices: [], score: 0 };
}
