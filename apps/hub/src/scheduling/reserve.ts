import { lackOf, partsThatFit } from "./fit.ts";
import type { Hold, Room } from "./room.ts";
import { type Shape, shapeOf } from "./shape.ts";
import type { Demand, Pending, Reservation } from "./snapshot.ts";
import type { Line } from "./waiting.ts";

/** So long after a session has come, ms, room is kept for it if it is larger than what is typically asked for. */
const PATIENCE_MS = 10 * 60_000;
/** So long after, if anything smaller waits: by then that is what passes it. */
const LAST_PATIENCE_MS = 60 * 60_000;
/** More would leave too much of a small cluster idle; one a team, so that no team has them all. */
const MOST_RESERVATIONS = 4;
const NEVER = Number.POSITIVE_INFINITY;

/** The size that half of what is asked for does not exceed; 0 when nothing is known. */
export function typicalSize(mix: readonly Demand[]): number {
  const sizes = mix
    .map(({ resources, count }) => ({ size: shapeOf({ resources, image: null }).size, count }))
    .sort((a, b) => a.size - b.size);
  let left = sizes.reduce((sum, { count }) => sum + count, 0) / 2;
  for (const { size, count } of sizes) {
    left -= count;
    if (left <= 0) return size;
  }
  return 0;
}

/** A reservation, with what it is for. */
export interface Kept extends Reservation {
  shape: Shape;
}

/**
 * Sessions for which room is to be kept: of each shape that smaller ones may pass the oldest session, if it has waited
 * long enough; the oldest first, one a team.
 * @param typical  size of the typical session, see `typicalSize`
 */
export function passedOver(lines: Iterable<Line>, typical: number, now: number): Pending[] {
  const waiting = [...lines];
  let smallest = NEVER;
  for (const { shape } of waiting) smallest = Math.min(smallest, shape.size);
  const large: Pending[] = [];
  for (const { shape, byAge } of waiting) {
    const first = shape.size > smallest ? byAge.first()?.session : null;
    const patience = shape.size > typical ? PATIENCE_MS : LAST_PATIENCE_MS;
    if (first && now - first.since >= patience) large.push(first);
  }
  large.sort((a, b) => a.since - b.since || (a.sessionId < b.sessionId ? -1 : 1));
  const teams = new Set<string>();
  const chosen: Pending[] = [];
  for (const session of large) {
    if (teams.has(session.teamId)) continue;
    teams.add(session.teamId);
    chosen.push(session);
    if (chosen.length === MOST_RESERVATIONS) break;
  }
  return chosen;
}

/**
 * When a node could take so many parts of the shape at the earliest, if everything on it ran to its limit.
 * @param within  an answer later than this is of no interest: infinite is as good
 * @returns ms since 1970; 0: now; infinite: never, as far as is known
 */
export function freeAt(room: Room, shape: Shape, parts = 1, within = NEVER): number {
  if (room.supply.draining || (shape.needsImage && !room.supply.runsImages)) return NEVER;
  if (shape.gpus > room.free.length) return NEVER;
  const fits = () => (parts === 1 ? lackOf(room, shape) === null : partsThatFit(room, shape, parts) >= parts);
  if (fits()) return 0;
  const { waste } = room;
  const holds = room.byEnd();
  let [at, freed] = [NEVER, 0];
  for (const hold of holds) {
    if (hold.endsAt === NEVER || hold.endsAt > within) break;
    room.change(hold, 1);
    freed += 1;
    // What is cheap to see first: most nodes lack CPUs or memory until much has ended.
    if (room.freeCpuMilli < shape.cpuMilli || room.freeMemoryBytes < shape.memoryBytes || !fits()) continue;
    at = hold.endsAt;
    break;
  }
  for (let index = 0; index < freed; index++) room.change(holds[index] as Hold, -1);
  room.waste = waste;
  return at;
}

/** For one shape, which node could take it soonest; kept up to date as nodes change. */
export class Earliest {
  private best: Room | null = null;
  private at = NEVER;
  private isStale = true;
  /** nodes that did not count when it was worked out */
  private except: ReadonlySet<string> = new Set();

  constructor(readonly shape: Shape) {}

  update(room: Room): void {
    if (this.isStale || this.except.has(room.id)) return;
    if (room === this.best) {
      this.isStale = true;
      return;
    }
    const at = freeAt(room, this.shape, 1, this.at);
    if (at !== NEVER && (!this.best || isSooner(at, room, this.at, this.best)))
      [this.best, this.at] = [room, at];
  }

  drop(room: Room): void {
    if (this.best === room) this.isStale = true;
  }

  /** The node that could take one soonest; null when none ever could. */
  soonest(rooms: Iterable<Room>, except: ReadonlySet<string>): { room: Room; at: number } | null {
    if (this.isStale || !isSame(except, this.except)) {
      [this.best, this.at, this.except, this.isStale] = [null, NEVER, new Set(except), false];
      for (const room of rooms) this.update(room);
    }
    return this.best && { room: this.best, at: this.at };
  }
}

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && a.isSubsetOf(b);
}

function isSooner(at: number, room: Room, than: number, other: Room): boolean {
  return at < than || (at === than && room.id < other.id);
}

/** The same for a gang: its parts start together, once so many nodes have room for one, or one has it for several. */
export function gangAt(
  rooms: Iterable<Room>,
  shape: Shape,
  except: ReadonlySet<string>,
): { at: number; nodes: Map<string, number> } | null {
  const openings: { room: Room; at: number }[] = [];
  for (const room of rooms) {
    if (except.has(room.id)) continue;
    for (let parts = 1; parts <= shape.parts; parts++) {
      const at = freeAt(room, shape, parts);
      if (at === NEVER) break;
      openings.push({ room, at });
    }
  }
  openings.sort((a, b) => a.at - b.at || (a.room.id < b.room.id ? -1 : a.room.id > b.room.id ? 1 : 0));
  const chosen = openings.slice(0, shape.parts);
  if (chosen.length < shape.parts) return null;
  const nodes = new Map<string, number>();
  for (const { room } of chosen) nodes.set(room.id, (nodes.get(room.id) ?? 0) + 1);
  return { at: chosen.at(-1)?.at ?? 0, nodes };
}

/** True when a session that takes this of the node would put off the one that the node is kept for. */
export function putsOff(kept: Kept, room: Room, hold: Hold): boolean {
  const parts = kept.nodes.get(room.id);
  if (parts === undefined || hold.endsAt <= kept.startsAt) return false;
  const { waste } = room;
  room.take(kept.sessionId, hold);
  const at = freeAt(room, kept.shape, parts);
  room.give(kept.sessionId);
  room.waste = waste;
  return at > kept.startsAt;
}
