import { Bits } from "./bits.ts";
import { canTake, lackOf } from "./fit.ts";
import { Fits } from "./fits.ts";
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
export class RoomIndex {
  private readonly rooms = new Map<string, Room>();
  private readonly holders = new Map<string, Room[]>();
  private readonly fits = new Map<string, Fits>();
  /** the same by their numbers, and what tells which of them a node has room for */
  private byShape: Fits[] = [];
  private readonly table = new ShapeTable();
  /** those that no node has been asked about yet */
  private added: Fits[] = [];
  private mostFits = MOST_IDLE;
  /** nodes have come that have no number yet */
  private isNumbered = true;
  private byNumber: (Room | undefined)[] = [];
  private clock = 0;
  /** by their numbers the versions of nodes: no two states of nodes have the same */
  versions: number[] = [];
  /** the numbers of nodes in the order in which they changed, the first of them just after `changesFrom` */
  private changes: number[] = [];
  private changesFrom = 0;

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

  /** A moment of `changedSince`. */
  get time(): number {
    return this.clock;
  }

  /** The numbers of the nodes that have changed since, some more than once; null: that is too long ago. */
  changedSince(time: number): readonly number[] | null {
    return time < this.changesFrom ? null : this.changes.slice(time - this.changesFrom);
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
    if (this.isNumbered) this.byNumber[room.number] = room;
    this.changed(room);
  }

  remove(room: Room): void {
    this.forget(room);
    this.rooms.delete(room.id);
    if (!this.isNumbered) return;
    this.byNumber[room.number] = undefined;
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
      for (const room of this.byNumber) {
        if (!room || room.fitting.has(fits.number) || !canTake(room, fits.shape)) continue;
        room.fitting.add(fits.number);
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
    this.byNumber = [...this.rooms.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    for (const [number, room] of this.byNumber.entries()) if (room) room.number = number;
    this.versions = this.byNumber.map((room) => room?.version ?? 0);
    this.changes = [];
    this.changesFrom = this.clock;
    this.askAnew();
  }

  /** Nothing is known of any shape; all are asked about all nodes again. */
  private askAnew(): void {
    for (const fits of this.byShape) fits.forget();
    this.added = [];
    for (const room of this.rooms.values()) {
      room.fitting.clear();
      this.tell(room);
    }
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

  /** Tells the shapes that the node has come to have room for, or has none for any more. */
  private tell(room: Room): void {
    room.bucket = bucketOf(room);
    room.fitting.update(this.table.fittingOn(room), (shape, isIn) => {
      (this.byShape[shape] as Fits).count += isIn ? 1 : -1;
    });
  }

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
    room.fitting.update(NONE, (shape) => {
      (this.byShape[shape] as Fits).count -= 1;
    });
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
