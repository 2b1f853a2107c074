import { Bits } from "./bits.ts";
import type { Room } from "./room.ts";
import type { Shape } from "./shape.ts";
import { type Nodes, Times } from "./soonest.ts";

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
 * Where sessions of one shape fit now, kept from turn to turn. How many nodes have room it is told at once; which ones
 * that are it finds out when it is asked, from the nodes that have changed since it was asked before.
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
  /** by the numbers of nodes: the bucket that each is in, from 1; 0: it has no room */
  private placeOf = new Uint16Array(0);
  /** by buckets: the numbers of the nodes in it, and how many these are */
  private buckets: { members: Bits; count: number }[] = [];
  /** the first of them, and up to which bucket these reach */
  private first: Option[] = [];
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

  /** The nodes that are compared for a session: those with the fewest free devices, `most` of them at the most. */
  options(nodes: Nodes): readonly Option[] {
    const rooms = nodes.numbered();
    const changed = nodes.changedSince(this.time);
    this.time = nodes.time;
    if (changed) for (const number of changed) this.place(number, rooms[number]);
    else this.placeAll(rooms);
    if (this.isStale) this.list(rooms);
    return this.first;
  }

  /** Nothing is known any more of any node. */
  forget(): void {
    this.time = -1;
    this.count = 0;
  }

  private placeAll(rooms: readonly (Room | undefined)[]): void {
    this.placeOf = new Uint16Array(rooms.length);
    this.buckets = [];
    this.known.clear();
    this.isStale = true;
    for (let number = 0; number < rooms.length; number++) this.place(number, rooms[number]);
  }

  private place(number: number, room: Room | undefined): void {
    const is = room?.fitting.has(this.number) ? room.bucket + 1 : 0;
    const was = this.placeOf[number] as number;
    if (is !== was) {
      this.placeOf[number] = is;
      if (was > 0) this.shift(was, number, -1);
      if (is > 0) this.shift(is, number, 1);
    } else if (is > 0 && is <= this.reach && this.known.get(number)?.room !== room) this.isStale = true;
  }

  private shift(bucket: number, number: number, by: 1 | -1): void {
    while (this.buckets.length <= bucket) this.buckets.push({ members: new Bits(), count: 0 });
    const place = this.buckets[bucket] as { members: Bits; count: number };
    place.count += by;
    if (by > 0) place.members.add(number);
    else place.members.delete(number);
    if (bucket <= this.reach) this.isStale = true;
  }

  private list(rooms: readonly (Room | undefined)[]): void {
    const { most } = this;
    const first: Option[] = [];
    for (let bucket = 1; bucket < this.buckets.length && first.length < most; bucket++) {
      const { members, count } = this.buckets[bucket] as { members: Bits; count: number };
      if (count === 0) continue;
      for (let number = members.next(0); number >= 0 && first.length < most; number = members.next(number + 1))
        first.push(this.optionAt(number, rooms[number] as Room));
    }
    if (this.known.size > 8 * first.length + 64) this.known.clear();
    this.first = first;
    this.reach = first.length < most ? Number.POSITIVE_INFINITY : (first.at(-1)?.room.bucket ?? 0) + 1;
    this.isStale = false;
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
