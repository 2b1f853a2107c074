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

/** A node while decisions are made: what is free on it, and what holds the rest until when. */
export class Room {
  readonly id: string;
  freeCpuMilli: number;
  freeMemoryBytes: number;
  /** thousandths free of each device */
  readonly free: number[];
  readonly models: readonly string[];
  /** how many devices are free as a whole, and how much of all of them, thousandths */
  wholeFree = 0;
  totalFree = 0;
  /** expected waste as it is now (see fragmentation.ts); NaN: to be worked out anew */
  waste = Number.NaN;
  /** a part of a gang may share the node with another one: several holds then */
  readonly held = new Map<string, Hold[]>();
  private ends: Hold[] | null = null;

  constructor(readonly supply: NodeSupply) {
    this.id = supply.id;
    this.freeCpuMilli = supply.freeCpuMilli;
    this.freeMemoryBytes = supply.freeMemoryBytes;
    this.free = supply.devices.map((device) => device.freeMilli);
    this.models = supply.devices.map((device) => device.model);
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
    this.ends = null;
  }

  take(sessionId: string, hold: Hold): void {
    this.change(hold, -1);
    this.ends = null;
    const already = this.held.get(sessionId);
    if (already) already.push(hold);
    else this.held.set(sessionId, [hold]);
  }

  /** Frees all that the session holds here. */
  give(sessionId: string): void {
    for (const hold of this.held.get(sessionId) ?? []) this.change(hold, 1);
    this.held.delete(sessionId);
    this.ends = null;
  }

  /** All that is held here, what ends first in front. */
  byEnd(): readonly Hold[] {
    this.ends ??= [...this.held.values()].flat().sort((a, b) => a.endsAt - b.endsAt);
    return this.ends;
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
