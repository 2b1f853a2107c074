import { WHOLE } from "./shape.ts";
import type { NodeSupply, Running } from "./snapshot.ts";

/** What one session holds of a node. */
export interface Hold {
  cpuMilli: number;
  memoryBytes: number;
  /** positions in the node's list of devices */
  devices: readonly number[];
  milli: number;
  /** ms since 1970; infinite when nobody knows */
  endsAt: number;
}

/** What is free on a node at some time. */
export interface Space {
  readonly supply: NodeSupply;
  freeCpuMilli: number;
  freeMemoryBytes: number;
  /** thousandths free of each device */
  readonly free: number[];
  readonly models: readonly string[];
  /** the model of all its devices; null: they differ */
  readonly model: string | null;
  /** how many devices are free as a whole, and how much of all of them, thousandths */
  wholeFree: number;
  totalFree: number;
}

/** A node while decisions are made: what is free on it, and what holds the rest until when. */
export class Room implements Space {
  readonly id: string;
  /** its place among the nodes by id (see room-index.ts) */
  number = 0;
  /** another one has taken its place, or none */
  isGone = false;
  /** counts the changes of what is free */
  version = 0;
  freeCpuMilli: number;
  freeMemoryBytes: number;
  readonly free: number[];
  readonly models: readonly string[];
  readonly model: string | null;
  wholeFree = 0;
  totalFree = 0;
  /** expected waste as it is now (see fragmentation.ts); NaN: to be worked out anew */
  waste = Number.NaN;
  /** a part of a gang may share the node with another one: several holds then */
  readonly held = new Map<string, Hold[]>();
  /** what has an end, the soonest first; null: to be worked out anew */
  private ending: Hold[] | null = null;

  constructor(readonly supply: NodeSupply) {
    this.id = supply.id;
    this.freeCpuMilli = supply.freeCpuMilli;
    this.freeMemoryBytes = supply.freeMemoryBytes;
    this.free = supply.devices.map((device) => device.freeMilli);
    this.models = supply.devices.map((device) => device.model);
    const [first = null] = this.models;
    this.model = this.models.every((model) => model === first) ? first : null;
    this.count();
  }

  /** Notes what holds a part of the node already: it is not in what is free. */
  note({ sessionId, resources, parts, endsAt }: Running): void {
    const holds = parts
      .filter((part) => part.nodeId === this.id)
      .map((part) => ({
        cpuMilli: resources.cpu_milli,
        memoryBytes: resources.memory_bytes,
        devices: part.deviceIds.flatMap((id) => this.positionsOf(id)),
        milli: part.milli,
        endsAt: endsAt ?? Number.POSITIVE_INFINITY,
      }));
    this.held.set(sessionId, [...(this.held.get(sessionId) ?? []), ...holds]);
    this.ending = null;
  }

  take(sessionId: string, hold: Hold): void {
    this.change(hold, -1);
    this.ending = null;
    const already = this.held.get(sessionId);
    if (already) already.push(hold);
    else this.held.set(sessionId, [hold]);
  }

  /** Frees all that the session holds here. */
  give(sessionId: string): void {
    for (const hold of this.held.get(sessionId) ?? []) this.change(hold, 1);
    this.held.delete(sessionId);
    this.ending = null;
  }

  /**
   * When so much of what it has is over that there is enough, if all of it runs to its end.
   * @param within  later is as good as never
   * @returns ms since 1970; infinite: never, as far as is known
   */
  endUntil(isEnough: (space: Space) => boolean, within: number): number {
    this.ending ??= this.inOrderOfEnds();
    const { ending, waste } = this;
    let at = Number.POSITIVE_INFINITY;
    let over = 0;
    while (at === Number.POSITIVE_INFINITY && over < ending.length) {
      const hold = ending[over] as Hold;
      if (hold.endsAt > within) break;
      this.change(hold, 1);
      over += 1;
      if (isEnough(this)) at = hold.endsAt;
    }
    while (over > 0) this.change(ending[--over] as Hold, -1);
    this.waste = waste;
    return at;
  }

  /** A copy to try things on. */
  copy(): Room {
    const copy = new Room(this.supply);
    copy.freeCpuMilli = this.freeCpuMilli;
    copy.freeMemoryBytes = this.freeMemoryBytes;
    this.free.forEach((milli, position) => {
      copy.free[position] = milli;
    });
    for (const [sessionId, holds] of this.held) copy.held.set(sessionId, [...holds]);
    copy.count();
    return copy;
  }

  /** As plain data again. */
  left(): NodeSupply {
    const devices = this.supply.devices.map((device, position) => ({
      ...device,
      freeMilli: this.free[position] ?? 0,
    }));
    const { freeCpuMilli, freeMemoryBytes } = this;
    return { ...this.supply, freeCpuMilli, freeMemoryBytes, devices };
  }

  /** Adds (1) or takes off (−1) what a hold is made of. */
  change({ cpuMilli, memoryBytes, devices, milli }: Hold, sign: 1 | -1): void {
    this.freeCpuMilli += sign * cpuMilli;
    this.freeMemoryBytes += sign * memoryBytes;
    this.waste = Number.NaN;
    for (const position of devices) {
      const before = this.free[position] ?? 0;
      const after = before + sign * milli;
      this.free[position] = after;
      this.totalFree += after - before;
      this.wholeFree += (after === WHOLE ? 1 : 0) - (before === WHOLE ? 1 : 0);
    }
  }

  private inOrderOfEnds(): Hold[] {
    const ending: Hold[] = [];
    for (const holds of this.held.values())
      for (const hold of holds) if (hold.endsAt !== Number.POSITIVE_INFINITY) ending.push(hold);
    return ending.sort((a, b) => a.endsAt - b.endsAt);
  }

  private count(): void {
    this.waste = Number.NaN;
    this.wholeFree = 0;
    this.totalFree = 0;
    for (const milli of this.free) {
      this.totalFree += milli;
      if (milli === WHOLE) this.wholeFree += 1;
    }
  }

  /** A device that has vanished from the node is nowhere in its list. */
  private positionsOf(deviceId: string): number[] {
    const position = this.supply.devices.findIndex((device) => device.id === deviceId);
    return position < 0 ? [] : [position];
  }
}
