import { canTake, partsThatFit } from "./fit.ts";
import type { Later, Room, Space } from "./room.ts";
import type { Shape } from "./shape.ts";

/** Never, as far as is known. */
export const NEVER = Number.POSITIVE_INFINITY;

/** A node, and from when on it has room; ms since 1970, 0: now. */
export interface Opening {
  room: Room;
  at: number;
}

/** The nodes by their numbers (undefined: gone) and ids, and by their numbers the versions of what is free on them. */
interface Nodes {
  numbered(): readonly (Room | undefined)[];
  get(id: string): Room | undefined;
  readonly versions: readonly number[];
}

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
  const steps = room.later();
  let high = steps.length;
  while (high > 0 && (steps[high - 1] as Later).at > within) high -= 1;
  if (high === 0 || !fits(steps[high - 1] as Later)) return NEVER;
  // With each step there is more: the first that does is found by halves.
  let low = 0;
  for (high -= 1; low < high; ) {
    const middle = (low + high) >>> 1;
    if (fits(steps[middle] as Later)) high = middle;
    else low = middle + 1;
  }
  return (steps[low] as Later).at;
}

/** When nodes have room for one shape, as far as that was of interest: of nodes that are as they were, it is known. */
export class Times {
  /** ids of the nodes that had room soonest when that was last looked for */
  early: readonly string[] = [];
  /** by the numbers of nodes: their versions, when they have room, and whether that is all that is known: not before */
  private versions = new Float64Array(0);
  private at = new Float64Array(0);
  private isBound = new Uint8Array(0);

  constructor(private readonly shape: Shape) {}

  /** The nodes that could take the shape soonest, `most` at the most, the soonest first. */
  soonest(nodes: Nodes, except: ReadonlySet<string>, most: number): Opening[] {
    const rooms = nodes.numbered();
    const best: Opening[] = [];
    let within = NEVER;
    this.grow(rooms.length);
    const consider = (room: Room) => {
      const at = this.timeOf(room, within);
      if (at === NEVER || except.has(room.id) || best.some((other) => other.room === room)) return;
      const opening = { room, at };
      const place = best.findIndex((other) => isSooner(opening, other));
      if (place < 0) best.push(opening);
      else best.splice(place, 0, opening);
      if (best.length > most) best.pop();
      if (best.length === most) within = (best.at(-1) as Opening).at;
    };
    // Those that were early before probably still are: the sooner a good answer is known, the less is worked out.
    for (const id of this.early) {
      const room = nodes.get(id);
      if (room) consider(room);
    }
    for (let number = 0; number < rooms.length; number++) {
      const room = rooms[number];
      if (room && !this.isLater(nodes, number, within)) consider(room);
    }
    this.early = best.map(({ room }) => room.id);
    return best;
  }

  /** True when it is known already that the node has no room by then. */
  private isLater(nodes: Nodes, number: number, within: number): boolean {
    if (this.versions[number] !== nodes.versions[number]) return false;
    const at = this.at[number] as number;
    return at > within || (at === within && this.isBound[number] === 1);
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

export function isSooner(a: Opening, b: Opening): boolean {
  return a.at < b.at || (a.at === b.at && a.room.id < b.room.id);
}

/** The same for a gang: its parts start together, once so many nodes have room for one, or one has it for several. */
export function gangAt(
  rooms: Iterable<Room>,
  shape: Shape,
  except: ReadonlySet<string>,
): { at: number; nodes: Map<string, number> } | null {
  const openings: Opening[] = [];
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
