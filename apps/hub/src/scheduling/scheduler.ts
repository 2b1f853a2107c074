import { lackOf } from "./fit.ts";
import { chooseDevices, type Mix, mixOf } from "./fragmentation.ts";
import { gangRooms } from "./gang.ts";
import { choosePreemptions } from "./preempt.ts";
import { gangAt, Kept, passedOver, soonest, typicalSize } from "./reserve.ts";
import { type Hold, Room } from "./room.ts";
import { RoomIndex } from "./room-index.ts";
import { scoreOf } from "./score.ts";
import { type Shape, shapeKey, shapeOf, weightOf } from "./shape.ts";
import type {
  Demand,
  NodeSupply,
  Part,
  Pending,
  Placement,
  Preemption,
  Reservation,
  Running,
} from "./snapshot.ts";
import { type Line, Waiting } from "./waiting.ts";

/** So many nodes are compared for a session, those with the fewest free devices; the rest would hardly be better. */
const MOST_COMPARED = 64;

export interface Turn {
  placements: Placement[];
  preemptions: Preemption[];
}

/** A node with what one session would take of it. */
interface Spot {
  room: Room;
  hold: Hold;
  score: number;
}

/**
 * The state that decisions are made from, kept from turn to turn: it is told what happens, and asked who starts where.
 * A turn costs in proportion to what has changed since the last one, not to how many nodes and sessions there are.
 * It decides as a new one does that is told the same state (see decide.ts).
 */
export class Scheduler {
  readonly waiting: Waiting;
  private readonly rooms = new Map<string, Room>();
  private readonly index = new RoomIndex();
  private readonly running = new Map<string, Running>();
  /** for whom room was kept in the latest turn */
  private kept: readonly Kept[] = [];
  private readonly mix: Mix;
  private readonly typical: number;
  private preemptible = 0;

  constructor({ mix, usage }: { mix: readonly Demand[]; usage: ReadonlyMap<string, number> }) {
    this.mix = mixOf(mix);
    this.typical = typicalSize(mix);
    this.waiting = new Waiting(usage);
  }

  /** A node is there, or another than it was: `supply` says what is free beside what runs on it. */
  setNode(supply: NodeSupply): void {
    this.removeNode(supply.id);
    const room = new Room(supply);
    this.rooms.set(room.id, room);
    this.index.add(room);
    for (const running of this.running.values())
      if (running.parts.some((part) => part.nodeId === room.id)) room.note(running);
    this.grown(room);
  }

  /** A node's cache holds other trees than before; what is free on it is as it was. */
  learn(id: string, cached: ReadonlySet<string>): void {
    const room = this.rooms.get(id);
    if (room) this.setNode({ ...room.left(), cached });
  }

  removeNode(id: string): void {
    const room = this.rooms.get(id);
    if (!room) return;
    this.rooms.delete(id);
    this.index.remove(room);
    for (const line of this.waiting.lines.values()) line.candidates?.delete(room);
  }

  /** Something that runs already, and is not in what nodes have free. */
  note(running: Running): void {
    this.running.set(running.sessionId, running);
    if (running.preemptible) this.preemptible += 1;
    for (const id of new Set(running.parts.map((part) => part.nodeId))) {
      const room = this.rooms.get(id);
      room?.note(running);
      if (room) this.index.changed(room);
    }
  }

  submit(session: Pending): void {
    this.waiting.add(session, shapeKey(session), () => shapeOf(session));
  }

  withdraw(sessionId: string): void {
    this.waiting.remove(sessionId);
  }

  /** A session is over, or has been moved: what it held is free. */
  end(sessionId: string): void {
    const running = this.running.get(sessionId);
    if (!running) return;
    this.running.delete(sessionId);
    if (running.preemptible) this.preemptible -= 1;
    this.waiting.hold(running.teamId, -weightOf(running.resources) * running.parts.length);
    for (const id of new Set(running.parts.map((part) => part.nodeId))) {
      const room = this.rooms.get(id);
      if (!room) continue;
      room.give(sessionId);
      this.index.changed(room);
      this.grown(room);
    }
  }

  /** What the nodes have left, by id. */
  left(): NodeSupply[] {
    return [...this.rooms.values()].sort((a, b) => (a.id < b.id ? -1 : 1)).map((room) => room.left());
  }

  /** When a session could start at the earliest, if nobody went before it but those; ms, 0: now, null: never. */
  startsAt(session: Pending, kept: readonly Reservation[]): number | null {
    const shape = shapeOf(session);
    const taken = new Set(kept.flatMap(({ nodes }) => [...nodes.keys()]));
    if (shape.parts > 1) return gangAt(this.index.all(), shape, taken)?.at ?? null;
    return soonest(this.index.all(), shape, taken)?.at ?? null;
  }

  /** One turn: places all that fits, in the order of turns, and says what else should be done. */
  decide(now: number): Turn {
    const placements: Placement[] = [];
    const kept = this.reserve(now, placements);
    const open = new Set<Line>();
    for (const line of this.waiting.lines.values()) if (this.mayFit(line)) open.add(line);
    this.waiting.beginTurn();
    for (let next = this.waiting.next(open); next; next = this.waiting.next(open)) {
      const line = this.waiting.lineOf(next.sessionId) as Line;
      const placement = this.place(next, now, kept);
      if (!placement || line.count === 0) open.delete(line);
      if (!placement) continue;
      placements.push(placement);
      this.closeFull(open, placement);
    }
    this.kept = kept;
    return { placements, preemptions: this.preempt() };
  }

  /** For whom room is kept since the latest turn, when and where, as far as that can be said. */
  reservations(): Reservation[] {
    const waiting = this.kept.filter(({ sessionId }) => this.waiting.lineOf(sessionId) !== null);
    return waiting.flatMap((each) => each.reservation() ?? []);
  }

  /** Whose turn it is must depend on what fits now alone, not on what was known of it before. */
  private mayFit(line: Line): boolean {
    const { shape } = line;
    if (line.candidates?.size === 0) return false;
    if (shape.parts > 1) {
      if (!gangRooms([...this.index.all()], shape)) line.candidates = new Set();
      return line.candidates === null;
    }
    if (line.candidates === null) {
      const { rooms, isAll } = this.index.fitting(shape, MOST_COMPARED);
      if (isAll) line.candidates = new Set(rooms);
    } else {
      for (const room of line.candidates) if (lackOf(room, shape) !== null) line.candidates.delete(room);
      if (line.candidates.size > MOST_COMPARED) line.candidates = null;
    }
    return line.candidates === null || line.candidates.size > 0;
  }

  /** Closes the lines of which nothing fits any more, now that something was placed on these nodes. */
  private closeFull(open: Set<Line>, placement: Placement): void {
    for (const { nodeId } of placement.parts) {
      const room = this.rooms.get(nodeId);
      if (!room) continue;
      for (const line of open) {
        if (!line.candidates?.has(room) || lackOf(room, line.shape) === null) continue;
        line.candidates.delete(room);
        if (line.candidates.size === 0) open.delete(line);
      }
    }
  }

  /** Those that have been passed by for long go first; for those that still don't fit, room is kept from here on. */
  private reserve(now: number, placements: Placement[]): Kept[] {
    const kept: Kept[] = [];
    for (const session of passedOver(this.waiting.lines.values(), this.typical, now)) {
      const placement = this.place(session, now, kept);
      if (placement) placements.push(placement);
      const shape = placement ? null : this.waiting.lineOf(session.sessionId)?.shape;
      if (shape) kept.push(new Kept(session.sessionId, shape, () => this.index.all(), [...kept]));
    }
    return kept;
  }

  /** Starts the session where that is best; null when it fits nowhere, or only where room is kept for others. */
  private place(session: Pending, now: number, kept: readonly Kept[]): Placement | null {
    const line = this.waiting.lineOf(session.sessionId);
    if (!line) return null;
    const endsAt = session.limitMs === null ? Number.POSITIVE_INFINITY : now + session.limitMs;
    const others = kept.filter((each) => each.sessionId !== session.sessionId);
    const isGang = line.shape.parts > 1;
    const spots = isGang ? this.gangSpots(line, endsAt, others) : this.spot(session, line, endsAt, others);
    return spots && this.start(session, line.shape, spots);
  }

  private spot(session: Pending, line: Line, endsAt: number, kept: readonly Kept[]): Spot[] | null {
    let best: Spot | null = null;
    for (const room of this.candidates(session, line)) {
      const { devices, growth } = chooseDevices(this.mix, room, line.shape);
      const score = scoreOf(room, session, line.shape, this.mix.length === 0 ? null : growth);
      if (best && (score > best.score || (score === best.score && room.id > best.room.id))) continue;
      const hold = holdOf(line.shape, devices, endsAt);
      if (!kept.some((each) => each.isPutOff(room, hold))) best = { room, hold, score };
    }
    return best && [best];
  }

  /** Nodes to compare: all that fit, or those with the fewest free devices and those that hold what it needs. */
  private candidates(session: Pending, line: Line): Iterable<Room> {
    if (line.candidates !== null) {
      for (const room of line.candidates) if (lackOf(room, line.shape) !== null) line.candidates.delete(room);
      if (line.candidates.size <= MOST_COMPARED) return line.candidates;
      line.candidates = null;
    }
    const { rooms, isAll } = this.index.fitting(line.shape, MOST_COMPARED);
    if (!isAll) return new Set([...rooms, ...this.index.holding(session, line.shape, MOST_COMPARED)]);
    line.candidates = new Set(rooms);
    return rooms;
  }

  private gangSpots(line: Line, endsAt: number, kept: readonly Kept[]): Spot[] | null {
    const nodes = kept.flatMap((each) => {
      const reservation = each.reservation();
      return reservation && endsAt > reservation.startsAt ? [...reservation.nodes.keys()] : [];
    });
    const isKept = ({ id }: Room) => nodes.includes(id);
    const rooms = [...this.index.all()];
    const shares = gangRooms(
      rooms.filter((room) => !isKept(room)),
      line.shape,
    );
    // Not before some node gets more free, see grown().
    if (!shares && !rooms.some(isKept)) line.candidates = new Set();
    if (!shares) return null;
    const spots: Spot[] = [];
    for (const { room, parts } of shares) {
      for (let part = 0; part < parts; part++) {
        const { devices, growth } = chooseDevices(this.mix, room, line.shape);
        const hold = holdOf(line.shape, devices, endsAt);
        spots.push({ room, hold, score: growth });
        room.change(hold, -1);
      }
    }
    for (const { room, hold } of spots) room.change(hold, 1);
    return spots;
  }

  private start(session: Pending, shape: Shape, spots: readonly Spot[]): Placement {
    this.waiting.remove(session.sessionId);
    this.waiting.hold(session.teamId, weightOf(session.resources) * spots.length);
    const parts: Part[] = spots.map(({ room, hold }) => ({
      nodeId: room.id,
      deviceIds: hold.devices.map((position) => room.supply.devices[position]?.id ?? ""),
      milli: shape.milli,
    }));
    for (const { room, hold } of spots) {
      room.take(session.sessionId, hold);
      this.index.changed(room);
    }
    const { sessionId, teamId, resources, urgency, preemptible } = session;
    const ends = spots[0]?.hold.endsAt ?? Number.POSITIVE_INFINITY;
    const endsAt = ends === Number.POSITIVE_INFINITY ? null : ends;
    const what = { sessionId, teamId, resources, urgency, preemptible, parts, endsAt };
    this.running.set(sessionId, { ...what, isEnding: false, atRiskSeconds: 0 });
    if (preemptible) this.preemptible += 1;
    return { sessionId, parts, score: spots.reduce((sum, { score }) => sum + score, 0) };
  }

  private preempt(): Preemption[] {
    if (this.preemptible === 0 || this.waiting.size === 0) return [];
    let least = Number.POSITIVE_INFINITY;
    for (const { preemptible, urgency } of this.running.values())
      if (preemptible) least = Math.min(least, urgency);
    const blocked = [...this.waiting.headsAbove(least)];
    return blocked.length === 0 ? [] : choosePreemptions(blocked, this.index.all(), this.running);
  }

  /** The node has more free than before: what fits on it now is worth a try again. */
  private grown(room: Room): void {
    for (const line of this.waiting.lines.values()) {
      if (line.candidates === null || lackOf(room, line.shape) !== null) continue;
      if (line.shape.parts > 1) line.candidates = null;
      else line.candidates.add(room);
    }
  }
}

function holdOf({ cpuMilli, memoryBytes, milli }: Shape, devices: readonly number[], endsAt: number): Hold {
  return { cpuMilli, memoryBytes, milli, devices, endsAt };
}
