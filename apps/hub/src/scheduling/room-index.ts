import { lackOf } from "./fit.ts";
import type { Room } from "./room.ts";
import { type Shape, WHOLE } from "./shape.ts";
import type { NodeSupply, Pending } from "./snapshot.ts";

/** Nodes by how many devices are free on them as a whole, and by what their caches hold. */
export class RoomIndex {
  /** for each number of whole free devices: nodes without and with a part of another one, by id */
  private readonly buckets: Room[][] = [];
  private readonly bucketOf = new Map<Room, number>();
  private readonly holders = new Map<string, Room[]>();

  get size(): number {
    return this.bucketOf.size;
  }

  all(): IterableIterator<Room> {
    return this.bucketOf.keys();
  }

  add(room: Room): void {
    this.put(room);
    for (const key of keysOf(room.supply)) {
      const list = this.holders.get(key) ?? [];
      insert(list, room);
      this.holders.set(key, list);
    }
  }

  remove(room: Room): void {
    this.drop(room);
    for (const key of keysOf(room.supply)) {
      const list = this.holders.get(key) ?? [];
      list.splice(placeOf(list, room.id), 1);
      if (list.length === 0) this.holders.delete(key);
    }
  }

  /** The node has more or less free than before. */
  changed(room: Room): void {
    if (this.bucketOf.get(room) === bucket(room)) return;
    this.drop(room);
    this.put(room);
  }

  /**
   * Nodes that can take one part of the shape now, `most` at the most: first those with the fewest free devices.
   * @returns with them, whether there are no others
   */
  fitting(shape: Shape, most: number): { rooms: Room[]; isAll: boolean } {
    const rooms: Room[] = [];
    const from = shape.milli === WHOLE ? 2 * shape.gpus : 0;
    for (let at = from; at < this.buckets.length; at++) {
      for (const room of this.buckets[at] ?? []) {
        if (lackOf(room, shape) !== null) continue;
        if (rooms.length === most) return { rooms, isAll: false };
        rooms.push(room);
      }
    }
    return { rooms, isAll: true };
  }

  /** Nodes that hold something the session needs and can take it now, `most` of each thing at the most. */
  holding(session: Pending, shape: Shape, most: number): Room[] {
    const rooms: Room[] = [];
    for (const key of needsOf(session)) {
      let count = 0;
      for (const room of this.holders.get(key) ?? []) {
        if (lackOf(room, shape) !== null) continue;
        rooms.push(room);
        count += 1;
        if (count === most) break;
      }
    }
    return rooms;
  }

  private put(room: Room): void {
    const at = bucket(room);
    while (this.buckets.length <= at) this.buckets.push([]);
    insert(this.buckets[at] as Room[], room);
    this.bucketOf.set(room, at);
  }

  private drop(room: Room): void {
    const list = this.buckets[this.bucketOf.get(room) ?? 0] ?? [];
    list.splice(placeOf(list, room.id), 1);
    this.bucketOf.delete(room);
  }
}

function bucket({ wholeFree, totalFree }: Room): number {
  return 2 * wholeFree + (totalFree > wholeFree * WHOLE ? 1 : 0);
}

function keysOf({ cached, environments, images }: NodeSupply): string[] {
  return [
    ...[...cached].map((id) => `tree ${id}`),
    ...[...environments].map((key) => `environment ${key}`),
    ...[...images].map((reference) => `image ${reference}`),
  ];
}

function needsOf({ trees, environment, image }: Pending): string[] {
  return [
    ...trees.map(({ id }) => `tree ${id}`),
    ...(environment ? [`environment ${environment.key}`] : []),
    ...(image === null ? [] : [`image ${image}`]),
  ];
}

function insert(rooms: Room[], room: Room): void {
  rooms.splice(placeOf(rooms, room.id), 0, room);
}

function placeOf(rooms: readonly Room[], id: string): number {
  let [low, high] = [0, rooms.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rooms[middle] as Room).id < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
