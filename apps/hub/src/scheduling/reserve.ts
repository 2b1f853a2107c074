import { lackOf, partsThatFit } from "./fit.ts";
import type { Hold, Room } from "./room.ts";
import type { Shape } from "./shape.ts";
import type { Pending, Reservation } from "./snapshot.ts";
import type { Line } from "./waiting.ts";

/** A session that has waited this long, ms, and is passed by smaller ones, gets room kept for it. */
const PATIENCE_MS = 10 * 60_000;
/** More would leave too much of a small cluster idle; one a team, so that no team has them all. */
const MOST_RESERVATIONS = 4;
const NEVER = Number.POSITIVE_INFINITY;
const NONE: ReadonlySet<string> = new Set();

/** A reservation, with what it is for. */
export interface Kept extends Reservation {
  shape: Shape;
}

/**
 * Sessions for which room is to be kept: of each shape that is larger than the smallest that waits the oldest session,
 * if it has waited long enough; the oldest first, one a team.
 */
export function passedOver(lines: Iterable<Line>, now: number): Pending[] {
  const waiting = [...lines];
  const smallest = waiting.reduce((least, { shape }) => Math.min(least, shape.size), NEVER);
  const large = waiting.flatMap(({ shape, byAge }) => {
    const first = shape.size > smallest ? byAge.first() : null;
    return first && now - first.since >= PATIENCE_MS ? [first] : [];
  });
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
 * @returns ms since 1970; 0: now; infinite: never, as far as is known
 */
export function freeAt(room: Room, shape: Shape, parts = 1): number {
  const fits = () => (parts === 1 ? lackOf(room, shape) === null : partsThatFit(room, shape, parts) >= parts);
  if (fits()) return 0;
  const { waste } = room;
  const holds = [...room.held.values()].flat().sort((a, b) => a.endsAt - b.endsAt);
  let [at, freed] = [NEVER, 0];
  for (const hold of holds) {
    if (hold.endsAt === NEVER) break;
    room.change(hold, 1);
    freed += 1;
    if (!fits()) continue;
    at = hold.endsAt;
    break;
  }
  for (const hold of holds.slice(0, freed)) room.change(hold, -1);
  room.waste = waste;
  return at;
}

/** For one shape, when each node could take it; kept up to date as nodes change. */
export class Earliest {
  private readonly times = new Map<Room, number>();
  private best: Room | null = null;
  private isStale = true;

  constructor(
    readonly shape: Shape,
    rooms: Iterable<Room>,
  ) {
    for (const room of rooms) this.update(room);
  }

  update(room: Room): void {
    const at = freeAt(room, this.shape);
    this.times.set(room, at);
    if (this.best === room) this.isStale = true;
    else if (
      at !== NEVER &&
      (!this.best || isSooner(at, room, this.times.get(this.best) ?? NEVER, this.best))
    )
      this.best = room;
  }

  drop(room: Room): void {
    this.times.delete(room);
    if (this.best === room) this.isStale = true;
  }

  /** The node that could take one soonest; null when none ever could. */
  soonest(except: ReadonlySet<string>): { room: Room; at: number } | null {
    if (this.isStale) {
      this.best = this.scan(NONE);
      this.isStale = false;
    }
    const room = this.best && except.has(this.best.id) ? this.scan(except) : this.best;
    return room && { room, at: this.times.get(room) ?? NEVER };
  }

  private scan(except: ReadonlySet<string>): Room | null {
    let [best, least] = [null as Room | null, NEVER];
    for (const [room, at] of this.times) {
      if (at === NEVER || except.has(room.id)) continue;
      if (!best || isSooner(at, room, least, best)) [best, least] = [room, at];
    }
    return best;
  }
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
