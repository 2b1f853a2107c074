import { type Fits, type Option, optionOf } from "./fits.ts";
import { chooseDevices, type Mix, mixOf } from "./fragmentation.ts";
import { gangRooms } from "./gang.ts";
import { choosePreemptions } from "./preempt.ts";
import { Kept, MOST_RESERVATIONS, passedOver, typicalSize } from "./reserve.ts";
import { type Hold, Room } from "./room.ts";
import { RoomIndex } from "./room-index.ts";
import { canBeDelayed, delayOf, scoreOf } from "./score.ts";
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
import { gangAt, Times } from "./soonest.ts";
import { type Entry, type Line, Waiting } from "./waiting.ts";

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
 * A turn costs in proportion to what has changed since the last one, times the shapes that wait; not to how many nodes
 * and sessions there are. Alone a new reservation looks at all nodes, and a preemption.
 * It decides as a new one does that is told the same state (see decide.ts).
 */
export class Scheduler {
  readonly waiting: Waiting;
  private readonly index = new RoomIndex();
  private readonly running = new Map<string, Running>();
  /** what runs on each node, by the node's id */
  private readonly onNode = new Map<string, Set<Running>>();
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
    const room = new Room(supply);
    for (const running of this.onNode.get(room.id) ?? []) room.note(running);
    this.index.set(room);
  }

  /** A node's cache holds other trees than before; what is free on it is as it was. */
  learn(id: string, cached: ReadonlySet<string>): void {
    const room = this.index.get(id);
    if (room) this.setNode({ ...room.left(), cached });
  }

  removeNode(id: string): void {
    const room = this.index.get(id);
    if (room) this.index.remove(room);
  }

  /** Something that runs already, and is not in what nodes have free. */
  note(running: Running): void {
    this.began(running);
    for (const id of new Set(running.parts.map((part) => part.nodeId))) {
      const room = this.index.get(id);
      room?.note(running);
      if (room) this.index.changed(room);
    }
  }

  submit(session: Pending): void {
    this.waiting.add(session, shapeKey(session), () => {
      const shape = shapeOf(session);
      const most = shape.parts > 1 ? Number.POSITIVE_INFINITY : MOST_COMPARED;
      return { shape, fits: this.index.fitsOf(shape, most) };
    });
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
    for (const { nodeId } of running.parts) {
      this.onNode.get(nodeId)?.delete(running);
      const room = this.index.get(nodeId);
      if (!room?.held.has(sessionId)) continue;
      room.give(sessionId);
      this.index.changed(room);
    }
  }

  /** What the nodes have left, by id. */
  left(): NodeSupply[] {
    return [...this.index.all()].sort((a, b) => (a.id < b.id ? -1 : 1)).map((room) => room.left());
  }

  /** When a session could start at the earliest, if nobody went before it but those; ms, 0: now, null: never. */
  startsAt(session: Pending, kept: readonly Reservation[]): number | null {
    const shape = shapeOf(session);
    const taken = new Set(kept.flatMap(({ nodes }) => [...nodes.keys()]));
    this.index.ready();
    if (shape.parts > 1) return gangAt(this.index.all(), shape, taken)?.at ?? null;
    return new Times(shape).soonest(this.index, taken)?.at ?? null;
  }

  /** One turn: places all that fits, in the order of turns, and says what else should be done. */
  decide(now: number): Turn {
    const placements: Placement[] = [];
    this.index.ready();
    const kept = this.reserve(now, placements);
    this.waiting.beginTurn();
    for (let next = this.waiting.next(); next; next = this.waiting.next()) {
      const placement = this.place(next, now, kept);
      if (placement) placements.push(placement);
      else this.waiting.close(next.line);
    }
    this.kept = kept;
    return { placements, preemptions: this.preempt() };
  }

  /** For whom room is kept since the latest turn, when and where, as far as that can be said. */
  reservations(): Reservation[] {
    const waiting = this.kept.filter(({ sessionId }) => this.waiting.has(sessionId));
    return waiting.flatMap((each) => each.reservation() ?? []);
  }

  /**
   * Those that have been passed by for long go first, one a team; for those that still don't fit, room is kept from
   * here on. What no node could ever take has none kept, and takes nobody's place.
   */
  private reserve(now: number, placements: Placement[]): Kept[] {
    const kept: Kept[] = [];
    const teams = new Set<string>();
    for (const entry of passedOver(this.waiting, this.typical, now)) {
      if (teams.size === MOST_RESERVATIONS) break;
      const { sessionId, teamId } = entry.session;
      if (teams.has(teamId)) continue;
      const placement = this.place(entry, now, kept);
      const own = new Kept(sessionId, entry.line, this.index, [...kept]);
      if (placement) placements.push(placement);
      else if (own.isPossible()) kept.push(own);
      else continue;
      teams.add(teamId);
    }
    return kept;
  }

  /** Starts the session where that is best; null when it fits nowhere, or only where room is kept for others. */
  private place({ session, line }: Entry, now: number, kept: readonly Kept[]): Placement | null {
    if (line.fits.count === 0) return null;
    const endsAt = session.limitMs === null ? Number.POSITIVE_INFINITY : now + session.limitMs;
    const others = kept.filter((each) => each.sessionId !== session.sessionId);
    const isGang = line.shape.parts > 1;
    const spots = isGang ? this.gangSpots(line, endsAt, others) : this.spot(session, line, endsAt, others);
    return spots && this.start(session, line.shape, spots);
  }

  /** The best node of those that are compared, and of those that hold what the session needs. */
  private spot(session: Pending, line: Line, endsAt: number, kept: readonly Kept[]): Spot[] | null {
    const { shape, fits } = line;
    const isDelayed = canBeDelayed(session);
    let best: Spot | null = null;
    const consider = (option: Option) => {
      const { room } = option;
      if (option.version !== room.version) this.rate(option, shape);
      const score = isDelayed ? option.score + delayOf(room, session) : option.score;
      if (best && (score > best.score || (score === best.score && room.number > best.room.number))) return;
      const hold = holdOf(shape, option.devices, endsAt);
      if (!kept.some((each) => each.isPutOff(room, hold))) best = { room, hold, score };
    };
    const options = fits.options(this.index);
    for (let at = 0; at < options.length && at < fits.most; at++) consider(options[at] as Option);
    if (fits.count > fits.most && isDelayed)
      for (const room of this.index.holding(session, shape, fits.most)) consider(optionOf(room));
    return best && [best];
  }

  private rate(option: Option, shape: Shape): void {
    const { room } = option;
    const { devices, growth } = chooseDevices(this.mix, room, shape);
    option.version = room.version;
    option.devices = devices;
    option.score = scoreOf(room, shape, this.mix.length === 0 ? null : growth);
  }

  private gangSpots(line: Line, endsAt: number, kept: readonly Kept[]): Spot[] | null {
    const nodes = kept.flatMap((each) => {
      const reservation = each.reservation();
      return reservation && endsAt > reservation.startsAt ? [...reservation.nodes.keys()] : [];
    });
    const isKept = ({ id }: Room) => nodes.includes(id);
    const rooms = this.roomsFor(line.fits).filter((room) => !isKept(room));
    const shares = gangRooms(rooms, line.shape);
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
    this.began({ ...what, isEnding: false, atRiskSeconds: 0 });
    return { sessionId, parts, score: spots.reduce((sum, { score }) => sum + score, 0) };
  }

  private roomsFor(fits: Fits): Room[] {
    return fits.options(this.index).map(({ room }) => room);
  }

  private preempt(): Preemption[] {
    if (this.preemptible === 0 || this.waiting.size === 0) return [];
    let least = Number.POSITIVE_INFINITY;
    for (const { preemptible, urgency } of this.running.values())
      if (preemptible) least = Math.min(least, urgency);
    const blocked = [...this.waiting.headsAbove(least)];
    return blocked.length === 0 ? [] : choosePreemptions(blocked, this.index.all(), this.running);
  }

  private began(running: Running): void {
    this.running.set(running.sessionId, running);
    if (running.preemptible) this.preemptible += 1;
    for (const { nodeId } of running.parts) {
      const there = this.onNode.get(nodeId);
      if (there) there.add(running);
      else this.onNode.set(nodeId, new Set([running]));
    }
  }
}

function holdOf({ cpuMilli, memoryBytes, milli }: Shape, devices: readonly number[], endsAt: number): Hold {
  return { cpuMilli, memoryBytes, milli, devices, endsAt };
}
