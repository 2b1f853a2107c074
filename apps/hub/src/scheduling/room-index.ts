import { Bits } from "./bits.ts";
import { canTake, lackOf } from "./fit.ts";
import { FitMatrix } from "./fit-matrix.ts";
import { Fits } from "./fits.ts";
import type { Nodes } from "./nodes.ts";
import type { Room } from "./room.ts";
import { fitKey, type Shape, WHOLE } from "./shape.ts";
import { ShapeTable } from "./shape-table.ts";
import type { NodeSupply, Pending } from "./snapshot.ts";

/** So many shapes of which nothing waits now are remembered, with where they fit: the like may come again. */
const MOST_IDLE = 512;
/** So many changes of nodes are remembered: who has not looked for longer looks at all nodes. */
const MOST_CHANGES = 8192;

const NONE = new Bits();

/** Nodes by what their caches hold, and by what fits on them: those with the fewest free devices first. */
export class RoomIndex implements Nodes {
  private readonly rooms = new Map<string, Room>();
  private readonly holders = new Map<string, Room[]>();
  private readonly fits = new Map<string, Fits>();
  /** the same by their numbers, and what tells which of them a node has room for */
  private byShape: Fits[] = [];
  private readonly table = new ShapeTable();
  readonly fitting = new FitMatrix();
  /** those that no node has been asked about yet */
  private added: Fits[] = [];
  private mostFits = MOST_IDLE;
  /** nodes have come that have no number yet */
  private isNumbered = true;
  numbered: (Room | undefined)[] = [];
  versions: number[] = [];
  buckets = new Uint16Array(0);
  order: Bits[] = [];
  private clock = 0;
  /** the first of them is just after `changesFrom` */
  changes: number[] = [];
  private changesFrom = 0;

  all(): IterableIterator<Room> {
    return this.rooms.values();
  }

  get(id: string): Room | undefined {
    return this.rooms.get(id);
  }

  get time(): number {
    return this.clock;
  }

  changesSince(time: number): number {
    return time < this.changesFrom ? -1 : time - this.changesFrom;
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
    if (this.isNumbered) this.numbered[room.number] = room;
    this.changed(room);
  }

  remove(room: Room): void {
    this.forget(room);
    this.rooms.delete(room.id);
    if (!this.isNumbered) return;
    this.numbered[room.number] = undefined;
    this.order[this.buckets[room.number] as number]?.delete(room.number);
    this.stamp(room);
  }

  /** The node has more or less free than before. */
  changed(room: Room): void {
    this.stamp(room);
    if (this.isNumbered) this.tell(room);
  }

  /**
   * Where one part of the shape fits; stays so as nodes change, from `ready` on.
   * @param most  how many are compared, those with the fewest free devices
   */
  fitsOf(shape: Shape, most: number): Fits {
    const key = `${fitKey(shape)} ${most}`;
    const found = this.fits.get(key);
    if (found) return found;
    if (this.fits.size >= this.mostFits) this.tidy();
    const fits = new Fits(shape, most);
    this.fits.set(key, fits);
    this.enter(fits);
    return fits;
  }

  /** What is asked of the index from here on is answered for all nodes and shapes. */
  ready(): void {
    if (!this.isNumbered) this.number();
    for (const fits of this.added) {
      this.fitting.grow(fits.number);
      for (const room of this.numbered) {
        if (!room || this.fitting.has(room.number, fits.number) || !canTake(room, fits.shape)) continue;
        this.fitting.add(room.number, fits.number);
        fits.count += 1;
      }
    }
    this.added = [];
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
    this.numbered = [...this.rooms.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    for (const [number, room] of this.numbered.entries()) if (room) room.number = number;
    this.versions = this.numbered.map((room) => room?.version ?? 0);
    this.changes = [];
    this.changesFrom = this.clock;
    this.askAnew();
  }

  /** Nothing is known of any shape; all are asked about all nodes again. */
  private askAnew(): void {
    for (const fits of this.byShape) fits.forget();
    this.added = [];
    this.fitting.reset(this.numbered.length);
    if (this.byShape.length > 0) this.fitting.grow(this.byShape.length - 1);
    this.buckets = new Uint16Array(this.numbered.length);
    this.order = [];
    for (const room of this.rooms.values()) this.tell(room);
  }

  private enter(fits: Fits): void {
    fits.number = this.byShape.push(fits) - 1;
    this.table.add(fits.shape, fits.number);
    this.added.push(fits);
  }

  private stamp(room: Room): void {
    this.clock += 1;
    room.version = this.clock;
    if (!this.isNumbered) return;
    this.versions[room.number] = this.clock;
    if (this.changes.length >= MOST_CHANGES) {
      this.changes = [];
      this.changesFrom = this.clock - 1;
    }
    this.changes.push(room.number);
  }

  private tell(room: Room): void {
    const { number } = room;
    const bucket = bucketOf(room);
    this.order[this.buckets[number] as number]?.delete(number);
    while (this.order.length <= bucket) this.order.push(new Bits());
    this.order[bucket]?.add(number);
    this.buckets[number] = bucket;
    this.fitting.set(number, this.table.fittingOn(room), this.count);
  }

  private readonly count = (shape: number, isIn: boolean) => {
    (this.byShape[shape] as Fits).count += isIn ? 1 : -1;
  };

  /** Forgets the shapes of which nothing waits. */
  private tidy(): void {
    for (const [key, { users }] of this.fits) if (users === 0) this.fits.delete(key);
    this.byShape = [];
    this.table.clear();
    for (const fits of this.fits.values()) this.enter(fits);
    if (this.isNumbered) this.askAnew();
    this.mostFits = this.fits.size + MOST_IDLE;
  }

  private forget(room: Room): void {
    room.isGone = true;
    if (this.isNumbered) this.fitting.set(room.number, NONE, this.count);
    for (const key of keysOf(room.supply)) {
      const list = this.holders.get(key) ?? [];
      list.splice(placeById(list, room.id), 1);
      if (list.length === 0) this.holders.delete(key);
    }
  }
}

/** Nodes are in order by whole free devices, those first that have no part of another one free. */
function bucketOf({ wholeFree, totalFree }: Room): number {
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
