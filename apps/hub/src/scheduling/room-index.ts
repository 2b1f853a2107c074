import { lackOf, lackOfKind } from "./fit.ts";
import { bucketOf, Fits, keyOf, placeOf } from "./fits.ts";
import type { Room } from "./room.ts";
import { kindKey, type Shape, WHOLE } from "./shape.ts";
import type { NodeSupply, Pending } from "./snapshot.ts";

/** So many shapes of which nothing waits now are remembered, with where they fit: the like may come again. */
const MOST_IDLE = 512;

/** Nodes by how many devices are free on them as a whole, by what their caches hold, and by what fits on them. */
export class RoomIndex {
  private readonly rooms = new Map<string, Room>();
  /** for each number of whole free devices: nodes without and with a part of another one, by id */
  private buckets: Room[][] = [];
  private readonly holders = new Map<string, Room[]>();
  private readonly fits = new Map<string, Fits>();
  /** the same by kinds of shapes, which differ by nothing but CPUs and memory */
  private readonly kinds = new Map<string, Fits[]>();
  private mostFits = MOST_IDLE;
  /** nodes have come that have no number yet */
  private isNumbered = true;
  private byNumber: (Room | undefined)[] = [];
  private clock = 0;
  /** by their numbers the versions of nodes: no two states of nodes have the same */
  versions: number[] = [];

  all(): IterableIterator<Room> {
    return this.rooms.values();
  }

  /** By their numbers; undefined: the node is gone. */
  numbered(): readonly (Room | undefined)[] {
    if (!this.isNumbered) this.number();
    return this.byNumber;
  }

  get(id: string): Room | undefined {
    return this.rooms.get(id);
  }

  /** A node is there, or another than it was. */
  set(room: Room): void {
    const former = this.rooms.get(room.id);
    if (former) this.forget(former);
    this.rooms.set(room.id, room);
    room.number = former?.number ?? 0;
    for (const key of keysOf(room.supply)) {
      const list = this.holders.get(key) ?? [];
      list.splice(placeById(list, room.id), 0, room);
      this.holders.set(key, list);
    }
    if (!former) this.isNumbered = false;
    this.stamp(room);
    if (!this.isNumbered) return;
    this.byNumber[room.number] = room;
    room.key = keyOf(bucket(room), room.number);
    this.put(room);
    this.tell(room, room.key);
  }

  remove(room: Room): void {
    this.forget(room);
    this.rooms.delete(room.id);
    this.byNumber[room.number] = undefined;
  }

  /** The node has more or less free than before. */
  changed(room: Room): void {
    this.stamp(room);
    if (!this.isNumbered) return;
    const before = room.key;
    const key = keyOf(bucket(room), room.number);
    if (key !== before) {
      this.drop(room);
      room.key = key;
      this.put(room);
    }
    this.tell(room, before);
  }

  /**
   * Where one part of the shape fits; stays so as nodes change, once it is settled.
   * @param most  how many are compared, those with the fewest free devices
   */
  fitsOf(shape: Shape, most: number): Fits {
    const kind = kindKey(shape);
    const key = `${kind} ${shape.cpuMilli} ${shape.memoryBytes} ${most}`;
    const found = this.fits.get(key);
    if (found) return found;
    if (this.fits.size >= this.mostFits) this.tidy();
    const fits = new Fits(shape, most);
    this.fits.set(key, fits);
    const others = this.kinds.get(kind);
    if (others) others.push(fits);
    else this.kinds.set(kind, [fits]);
    return fits;
  }

  /** What is asked of the index from here on is answered for all nodes as they are now. */
  settle(fits: Fits): void {
    if (!this.isNumbered) this.number();
    const first = fits.shape.milli === WHOLE ? 2 * fits.shape.gpus : 0;
    fits.settle(this.buckets, first);
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

  /** Numbers all nodes by their ids: numbers are compared faster. */
  private number(): void {
    this.isNumbered = true;
    this.buckets = [];
    const sorted = [...this.rooms.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    for (const [number, room] of sorted.entries()) {
      room.number = number;
      room.key = keyOf(bucket(room), number);
      this.listOf(room).push(room);
    }
    this.byNumber = sorted;
    this.versions = sorted.map(({ version }) => version);
    for (const fits of this.fits.values()) fits.forget();
  }

  private stamp(room: Room): void {
    this.clock += 1;
    room.version = this.clock;
    if (this.isNumbered) this.versions[room.number] = this.clock;
  }

  private tell(room: Room, before: number): void {
    const { freeCpuMilli, freeMemoryBytes } = room;
    for (const alike of this.kinds.values()) {
      const [first] = alike;
      const isOfUse = first !== undefined && lackOfKind(room, first.shape) === null;
      for (const fits of alike) {
        const { cpuMilli, memoryBytes } = fits.shape;
        fits.changed(room, before, isOfUse && cpuMilli <= freeCpuMilli && memoryBytes <= freeMemoryBytes);
      }
    }
  }

  /** Forgets the shapes of which nothing waits. */
  private tidy(): void {
    for (const [key, { users }] of this.fits) if (users === 0) this.fits.delete(key);
    this.kinds.clear();
    for (const fits of this.fits.values()) {
      const kind = kindKey(fits.shape);
      this.kinds.set(kind, [...(this.kinds.get(kind) ?? []), fits]);
    }
    this.mostFits = this.fits.size + MOST_IDLE;
  }

  private forget(room: Room): void {
    if (this.isNumbered) {
      this.drop(room);
      for (const fits of this.fits.values()) fits.removed(room);
    }
    for (const key of keysOf(room.supply)) {
      const list = this.holders.get(key) ?? [];
      list.splice(placeById(list, room.id), 1);
      if (list.length === 0) this.holders.delete(key);
    }
  }

  private put(room: Room): void {
    const list = this.listOf(room);
    list.splice(placeOf(list, room.key), 0, room);
  }

  private drop(room: Room): void {
    const list = this.listOf(room);
    list.splice(placeOf(list, room.key), 1);
  }

  private listOf({ key }: Room): Room[] {
    const at = bucketOf(key);
    while (this.buckets.length <= at) this.buckets.push([]);
    return this.buckets[at] as Room[];
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

function placeById(rooms: readonly Room[], id: string): number {
  let [low, high] = [0, rooms.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rooms[middle] as Room).id < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
