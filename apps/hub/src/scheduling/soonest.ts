import { canTake, partsThatFit } from "./fit.ts";
import type { Nodes } from "./nodes.ts";
import type { Room, Space } from "./room.ts";
import type { Shape } from "./shape.ts";

/** Never, as far as is known. */
const NEVER = Number.POSITIVE_INFINITY;

/** A node, and from when on it has room; ms since 1970, 0: now. */
interface Opening {
  room: Room;
  at: number;
  /** the node's, when that was found */
  version: number;
}

/** So many of the nodes that have room soonest are found at a time, so that the next ones are known when they go. */
const MOST_EARLY = 256;
/** So many nodes are asked at first: mostly that is enough to see that some of them have room before another has. */
const FIRST_ASKED = 64;

const NOBODY: ReadonlySet<string> = new Set();

/**
 * When a node could take so many parts of the shape at the earliest, if everything on it ran to its limit.
 * @param within  an answer later than this is of no interest: infinite is as good
 * @returns ms since 1970; 0: now; infinite: never, as far as is known
 */
export function freeAt(room: Room, shape: Shape, parts = 1, within = NEVER): number {
  if (room.supply.draining || (shape.needsImage && !room.supply.runsImages)) return NEVER;
  if (shape.gpus > room.free.length || (shape.parts > 1 && !room.supply.takesGangs)) return NEVER;
  if (shape.models !== null && room.model !== null && !shape.models.has(room.model)) return NEVER;
  const fits = (space: Space) =>
    parts === 1 ? canTake(space, shape) : partsThatFit(space, shape, parts) >= parts;
  if (fits(room)) return 0;
  return room.endUntil(fits, within);
}

/**
 * When nodes have room for one shape, as far as that was of interest. Nodes are asked by their numbers, no more of them
 * than it takes to answer; of those the ones that have room soonest are kept, and asked again when they have changed.
 */
export class Times {
  /** sorted: of the nodes that were asked none that is not in it has room before its last */
  private early: Opening[] = [];
  /** the last of them when they were found; null: `early` has all there are */
  private bound: Opening | null = null;
  /** nodes of lower numbers were asked, and of what has changed by `time` (see `Nodes`) asked again */
  private asked = 0;
  private time = -1;
  /** by the numbers of nodes: their versions, when they have room, and whether that is all that is known: not before */
  private versions = new Float64Array(0);
  private at = new Float64Array(0);
  private isBound = new Uint8Array(0);

  constructor(private readonly shape: Shape) {}

  /** The node that could take the shape soonest; null: none, as far as is known. */
  soonest(nodes: Nodes, except: ReadonlySet<string>): Opening | null {
    const isOpen = ({ room }: Opening) => !except.has(room.id);
    this.refresh(nodes);
    this.scan(nodes, nodes.numbered.length, MOST_EARLY + except.size);
    if (this.bound && !this.early.some(isOpen)) {
      this.begin(nodes);
      this.scan(nodes, nodes.numbered.length, MOST_EARLY + except.size);
    }
    return this.early.find(isOpen) ?? null;
  }

  /** True when some node comes to have room, as far as is known. */
  isPossible(nodes: Nodes): boolean {
    while (!this.early.some(isAsItWas)) if (!this.scanOn(nodes)) return this.soonest(nodes, NOBODY) !== null;
    return true;
  }

  /** True when so many nodes are known to have room before this one has it at that time: more may. */
  hasSooner(nodes: Nodes, room: Room, at: number, many: number): boolean {
    const opening = { room, at, version: room.version };
    while (!this.knowsSooner(opening, many)) if (!this.scanOn(nodes)) return false;
    return true;
  }

  private knowsSooner(opening: Opening, many: number): boolean {
    let left = many;
    for (const other of this.early) {
      if (!isSooner(other, opening)) return false;
      if (isAsItWas(other)) left -= 1;
      if (left === 0) return true;
    }
    return false;
  }

  /** Asks as many more nodes as were asked by now. False: all were. */
  private scanOn(nodes: Nodes): boolean {
    const all = nodes.numbered.length;
    if (this.time >= 0 && this.asked >= all) return false;
    this.refresh(nodes);
    this.scan(nodes, Math.min(all, Math.max(FIRST_ASKED, 2 * this.asked)), MOST_EARLY);
    return true;
  }

  /** Asks those again that have changed. */
  private refresh(nodes: Nodes): void {
    const from = nodes.changesSince(this.time);
    if (from < 0) this.begin(nodes);
    else this.askAgain(nodes, from);
    this.time = nodes.time;
  }

  private begin({ numbered }: Nodes): void {
    this.grow(numbered.length);
    this.early = [];
    this.bound = null;
    this.asked = 0;
  }

  private askAgain({ changes, numbered }: Nodes, from: number): void {
    if (from === changes.length) return;
    const changed = new Set(changes.slice(from));
    this.early = this.early.filter(({ room }) => !changed.has(room.number));
    for (const number of changed) {
      const room = number < this.asked ? numbered[number] : undefined;
      if (!room) continue;
      const opening = this.openingOf(room, this.bound?.at ?? NEVER);
      if (opening.at !== NEVER && !(this.bound && isSooner(this.bound, opening))) this.enter(opening);
    }
    if (this.early.length > 2 * MOST_EARLY) this.limit(MOST_EARLY);
  }

  /** Asks the next nodes, up to that number. */
  private scan(nodes: Nodes, to: number, most: number): void {
    for (; this.asked < to; this.asked++) {
      const room = nodes.numbered[this.asked];
      const within = this.bound?.at ?? NEVER;
      if (!room || this.isLater(nodes, this.asked, within)) continue;
      const opening = this.openingOf(room, within);
      if (opening.at === NEVER || (this.bound && isSooner(this.bound, opening))) continue;
      this.enter(opening);
      if (this.early.length > most) this.limit(most);
    }
  }

  private enter(opening: Opening): void {
    const { early } = this;
    let [low, high] = [0, early.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isSooner(early[middle] as Opening, opening)) low = middle + 1;
      else high = middle;
    }
    early.splice(low, 0, opening);
  }

  private limit(most: number): void {
    this.early.length = most;
    this.bound = this.early.at(-1) ?? null;
  }

  /** True when it is known already that the node has no room by then. */
  private isLater(nodes: Nodes, number: number, within: number): boolean {
    if (this.versions[number] !== nodes.versions[number]) return false;
    const at = this.at[number] as number;
    return at > within || (at === within && this.isBound[number] === 1);
  }

  private openingOf(room: Room, within: number): Opening {
    return { room, at: this.timeOf(room, within), version: room.version };
  }

  private timeOf(room: Room, within: number): number {
    const { number, version } = room;
    if (this.versions[number] === version && this.isBound[number] === 0) return this.at[number] as number;
    const at = freeAt(room, this.shape, 1, within);
    this.versions[number] = version;
    this.isBound[number] = at === NEVER ? 1 : 0;
    this.at[number] = at === NEVER ? within : at;
    return at;
  }

  private grow(length: number): void {
    if (this.at.length >= length) return;
    this.versions = new Float64Array(length);
    this.at = new Float64Array(length);
    this.isBound = new Uint8Array(length);
  }
}

function isAsItWas({ room, version }: Opening): boolean {
  return version === room.version && !room.isGone;
}

/** Of nodes that have room at the same time the one of the lower number. */
function isSooner(a: Pick<Opening, "room" | "at">, b: Pick<Opening, "room" | "at">): boolean {
  return a.at < b.at || (a.at === b.at && a.room.number < b.room.number);
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
  openings.sort((a, b) => (isSooner(a, b) ? -1 : isSooner(b, a) ? 1 : 0));
  const chosen = openings.slice(0, shape.parts);
  if (chosen.length < shape.parts) return null;
  const nodes = new Map<string, number>();
  for (const { room } of chosen) nodes.set(room.id, (nodes.get(room.id) ?? 0) + 1);
  return { at: chosen.at(-1)?.at ?? 0, nodes };
}
