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
function freeAt(room: Room, shape: Shape, parts = 1, within = NEVER): number {
  if (room.supply.draining || (shape.needsImage && !room.supply.runsImages)) return NEVER;
  if (shape.gpus > room.free.length || (shape.parts > 1 && !room.supply.takesGangs)) return NEVER;
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

/** The node that could take the shape soonest; null when none ever could. */
export function soonest(
  rooms: Iterable<Room>,
  shape: Shape,
  except: ReadonlySet<string>,
): { room: Room; at: number } | null {
  let [best, least] = [null as Room | null, NEVER];
  for (const room of rooms) {
    if (except.has(room.id)) continue;
    const at = freeAt(room, shape, 1, least);
    if (at !== NEVER && (!best || isSooner(at, room, least, best))) [best, least] = [room, at];
  }
  return best && { room: best, at: least };
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

/**
 * Room that is kept for a session, on the nodes where it could start soonest. Which ones that are is found out only
 * where it matters: most of what is placed ends in time, leaves enough, or is on a node that is plainly not among them.
 */
export class Kept {
  private found: Reservation | null | undefined;

  /** @param earlier  whose nodes are not this one's: each session has nodes of its own */
  constructor(
    readonly sessionId: string,
    private readonly shape: Shape,
    private readonly rooms: () => Iterable<Room>,
    private readonly earlier: readonly Kept[],
  ) {}

  /** True when something that takes this of the node would put the session off. */
  isPutOff(room: Room, hold: Hold): boolean {
    if (this.shape.parts > 1) return this.isGangPutOff(room, hold);
    const at = freeAt(room, this.shape);
    if (at === NEVER || hold.endsAt <= at || !this.isPutOffTo(room, hold, 1, at)) return false;
    return !this.hasSooner(room, at) && this.reservation()?.nodes.has(room.id) === true;
  }

  /** When and where the session could start; null when that can't be said. Worked out once a turn. */
  reservation(): Reservation | null {
    if (this.found !== undefined) return this.found;
    const { sessionId, shape } = this;
    const taken = new Set(this.earlier.flatMap((kept) => [...(kept.reservation()?.nodes.keys() ?? [])]));
    if (shape.parts > 1) {
      const gang = gangAt(this.rooms(), shape, taken);
      this.found = gang && { sessionId, startsAt: gang.at, nodes: gang.nodes };
    } else {
      const first = soonest(this.rooms(), shape, taken);
      this.found = first && { sessionId, startsAt: first.at, nodes: new Map([[first.room.id, 1]]) };
    }
    return this.found;
  }

  private isGangPutOff(room: Room, hold: Hold): boolean {
    const kept = this.reservation();
    const parts = kept?.nodes.get(room.id);
    if (!kept || parts === undefined || hold.endsAt <= kept.startsAt) return false;
    return this.isPutOffTo(room, hold, parts, kept.startsAt);
  }

  private isPutOffTo(room: Room, hold: Hold, parts: number, startsAt: number): boolean {
    const { waste } = room;
    room.take(this.sessionId, hold);
    const at = freeAt(room, this.shape, parts);
    room.give(this.sessionId);
    room.waste = waste;
    return at > startsAt;
  }

  /** True when so many nodes have room sooner that one of them is this session's, whatever is kept for others. */
  private hasSooner(room: Room, at: number): boolean {
    let more = this.earlier.reduce((sum, { shape }) => sum + shape.parts, 1);
    for (const other of this.rooms()) {
      if (other === room) continue;
      const then = freeAt(other, this.shape, 1, at);
      if (then !== NEVER && isSooner(then, other, at, room)) more -= 1;
      if (more === 0) return true;
    }
    return false;
  }
}
