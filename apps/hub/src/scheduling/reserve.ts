import type { Hold, Room } from "./room.ts";
import type { RoomIndex } from "./room-index.ts";
import { type Shape, shapeOf } from "./shape.ts";
import type { Demand, Reservation } from "./snapshot.ts";
import { freeAt, gangAt } from "./soonest.ts";
import type { Entry, Line, Waiting } from "./waiting.ts";

/** So long after a session has come, ms, room is kept for it if it is larger than what is typically asked for. */
const PATIENCE_MS = 10 * 60_000;
/** So long after, if anything smaller waits: by then that is what passes it. */
const LAST_PATIENCE_MS = 60 * 60_000;
/** More would leave too much of a small cluster idle; one a team, so that no team has them all. */
export const MOST_RESERVATIONS = 4;

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
 * Sessions that smaller ones pass: of each shape the oldest, if it has waited long enough; the oldest first. Those that
 * are found may be placed before the next is asked for.
 * @param typical  size of the typical session, see `typicalSize`
 */
export function* passedOver({ bySize, byOldest }: Waiting, typical: number, now: number): Generator<Entry> {
  const smallest = bySize.items[0]?.shape.size ?? 0;
  for (const { shape, oldest } of [...byOldest.items]) {
    if (!oldest || now - oldest.session.since < PATIENCE_MS) return;
    const patience = shape.size > typical ? PATIENCE_MS : LAST_PATIENCE_MS;
    if (shape.size > smallest && now - oldest.session.since >= patience) yield oldest;
  }
}

/** Room that is kept for a session, on the nodes where it could start soonest: found out once something might go there. */
export class Kept {
  private found: Reservation | null | undefined;
  private readonly shape: Shape;

  /** @param earlier  whose nodes are not this one's: each session has nodes of its own */
  constructor(
    readonly sessionId: string,
    private readonly line: Line,
    private readonly index: RoomIndex,
    private readonly earlier: readonly Kept[],
  ) {
    this.shape = line.shape;
  }

  /** True when something that takes this of the node would put the session off. */
  isPutOff(room: Room, hold: Hold): boolean {
    if (this.found === undefined && this.isPlainlyElsewhere(room)) return false;
    const kept = this.reservation();
    const parts = kept?.nodes.get(room.id);
    if (!kept || parts === undefined || hold.endsAt <= kept.startsAt) return false;
    const { waste } = room;
    room.take(this.sessionId, hold);
    const at = freeAt(room, this.shape, parts);
    room.give(this.sessionId);
    room.waste = waste;
    return at > kept.startsAt;
  }

  /** True when enough nodes are known to have room sooner than this one, whatever of them is kept for others. */
  private isPlainlyElsewhere(room: Room): boolean {
    const { shape, earlier } = this;
    if (shape.parts > 1) return false;
    const others = earlier.reduce((sum, kept) => sum + kept.shape.parts, 0);
    return this.line.fits.times.hasSooner(this.index, room, freeAt(room, shape), others + 1);
  }

  /** False when no node is known to come to have room: nothing can be kept, and others may have their turn at it. */
  isPossible(): boolean {
    const { shape, line, index } = this;
    if (shape.parts > 1) return this.reservation() !== null;
    return line.fits.times.isPossible(index);
  }

  /** When and where the session could start; null when that can't be said. Worked out once a turn. */
  reservation(): Reservation | null {
    if (this.found !== undefined) return this.found;
    const { sessionId, shape } = this;
    const taken = new Set(this.earlier.flatMap((kept) => [...(kept.reservation()?.nodes.keys() ?? [])]));
    if (shape.parts > 1) {
      const gang = gangAt(this.index.all(), shape, taken);
      this.found = gang && { sessionId, startsAt: gang.at, nodes: gang.nodes };
    } else {
      const first = this.line.fits.times.soonest(this.index, taken);
      this.found = first && { sessionId, startsAt: first.at, nodes: new Map([[first.room.id, 1]]) };
    }
    return this.found;
  }
}
