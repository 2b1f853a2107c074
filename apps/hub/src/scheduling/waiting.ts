import type { Fits } from "./fits.ts";
import { placeBefore, takesTurnOf } from "./in-line.ts";
import { Ordered } from "./ordered.ts";
import type { Shape } from "./shape.ts";
import type { Pending } from "./snapshot.ts";
import { Sorted } from "./sorted.ts";

/** The sessions of one shape that wait, and where they might fit. */
export interface Line {
  key: string;
  shape: Shape;
  fits: Fits;
  byAge: Ordered<Entry>;
  /** the oldest of them; null: none waits any more */
  oldest: Entry | null;
  count: number;
  /** the turn in which nothing of it is tried any more */
  closedIn: number;
}

/** A session that waits. */
export interface Entry {
  session: Pending;
  /** by its id, among those that came with ids above all before; 0: it did not */
  rank: number;
  line: Line;
  queue: Queue;
  isGone: boolean;
}

/** What a team has in one line. */
interface Queue {
  team: Team;
  line: Line;
  byPriority: Ordered<Entry>;
  first: Entry | null;
}

interface Team {
  id: string;
  /** what the team holds */
  held: number;
  queues: Map<Line, Queue>;
  /** its queues by their first sessions */
  inOrder: Sorted<Queue>;
  /** all queues before this one are closed, when `turn` is this turn: within a turn lines only close */
  from: number;
  turn: number;
}

interface Level {
  urgency: number;
  /** by what they hold, then by their ids */
  teams: Sorted<Team>;
  byId: Map<string, Team>;
}

/** When no more lines than these are open, each team is asked for those alone. */
const FEW = 16;

/**
 * What waits, and whose turn it is: the most urgent first, among those the team that holds least, of its sessions the
 * one of highest priority, then the oldest (ids sort by time).
 */
export class Waiting {
  /** by size, and by their oldest sessions */
  readonly bySize = new Sorted<Line>(bySize);
  readonly byOldest = new Sorted<Line>((a, b) => byAge(a.oldest as Entry, b.oldest as Entry));
  private readonly lines = new Map<string, Line>();
  private readonly sessions = new Map<string, Entry>();
  private readonly levels: Level[] = [];
  private readonly held = new Map<string, number>();
  private turn = 0;
  /** the lines that were open when that was last looked at; in a turn lines only close */
  private open: readonly Line[] = [];
  /** all before are closed by now; and how many have been closed since */
  private from = 0;
  private closed = 0;
  private ranks = 0;
  private lastId = "";

  constructor(usage: ReadonlyMap<string, number>) {
    for (const [teamId, held] of usage) this.held.set(teamId, exact(held));
  }

  get size(): number {
    return this.sessions.size;
  }

  get usage(): ReadonlyMap<string, number> {
    return this.held;
  }

  all(): Pending[] {
    return [...this.sessions.values()].map(({ session }) => session);
  }

  has(sessionId: string): boolean {
    return this.sessions.has(sessionId);
  }

  /** @param begin  makes the line for the first session of a shape */
  add(session: Pending, key: string, begin: () => Pick<Line, "shape" | "fits">): void {
    const found = this.lines.get(key);
    const line = found ?? this.lineFrom(key, begin());
    const queue = this.queueAt(session, line);
    const entry: Entry = { session, rank: this.rankOf(session.sessionId), line, queue, isGone: false };
    this.sessions.set(session.sessionId, entry);
    line.count += 1;
    line.byAge.add(entry);
    if (!line.oldest || byAge(entry, line.oldest)) this.setOldest(line, entry);
    queue.byPriority.add(entry);
    if (!queue.first || byPriority(entry, queue.first)) setFirst(queue, entry);
  }

  remove(sessionId: string): void {
    const entry = this.sessions.get(sessionId);
    if (!entry) return;
    this.sessions.delete(sessionId);
    entry.isGone = true;
    const { line, queue } = entry;
    line.count -= 1;
    if (queue.first === entry) setFirst(queue, queue.byPriority.first());
    if (line.oldest === entry) this.setOldest(line, line.byAge.first());
    if (line.count === 0) this.leave(line);
  }

  /** Counts what a team has got or given back. */
  hold(teamId: string, weight: number): void {
    const held = exact((this.held.get(teamId) ?? 0) + weight);
    this.held.set(teamId, held);
    for (const { teams, byId } of this.levels) {
      const team = byId.get(teamId);
      if (!team) continue;
      teams.delete(team);
      team.held = held;
      teams.add(team);
    }
  }

  /** A new turn, in which sessions of all lines may be tried that fit somewhere. */
  beginTurn(): void {
    this.turn += 1;
    this.open = this.bySize.items.filter((line) => this.isOpen(line));
    this.from = 0;
    this.closed = 0;
  }

  /** Nothing of the line is tried any more in this turn. */
  close(line: Line): void {
    line.closedIn = this.turn;
    this.closed += 1;
  }

  /** Whose turn it is among the sessions of open lines. */
  next(): Entry | null {
    const open = this.roughlyOpen();
    if (open.length === 0) return null;
    for (const { teams } of this.levels) {
      let first: Entry | null = null;
      let held = Number.NaN;
      for (const team of teams.items) {
        if (first && team.held !== held) break;
        const head = this.headOf(team, open);
        if (!head || (first && byId(first, head))) continue;
        first = head;
        held = team.held;
      }
      if (first) return first;
    }
    return null;
  }

  /** The first of every team that is more urgent than `urgency`, in the order of their turns. */
  *headsAbove(urgency: number): Generator<Pending> {
    for (const level of this.levels) {
      if (level.urgency <= urgency) return;
      for (const { inOrder } of level.teams.items) {
        const [queue] = inOrder.items;
        if (queue?.first) yield queue.first.session;
      }
    }
  }

  /** Within a turn less and less fits: a line that was closed, or of which nothing fits, stays so. */
  private isOpen(line: Line): boolean {
    return line.count > 0 && line.fits.count > 0 && line.closedIn !== this.turn;
  }

  /** The lines that are open now, and perhaps some that are not: looking at all of them each time would cost too much. */
  private roughlyOpen(): readonly Line[] {
    const { open } = this;
    while (this.from < open.length && !this.isOpen(open[this.from] as Line)) this.from += 1;
    if (open.length <= FEW || 2 * Math.max(this.from, this.closed) > open.length) {
      this.open = open.filter((line) => this.isOpen(line));
      this.from = 0;
      this.closed = 0;
    }
    return this.open;
  }

  private headOf(team: Team, open: readonly Line[]): Entry | null {
    if (open.length <= FEW) {
      let head: Entry | null = null;
      for (const line of open) {
        const first = team.queues.get(line)?.first;
        if (first && (!head || byPriority(first, head))) head = first;
      }
      return head;
    }
    if (team.turn !== this.turn) {
      team.turn = this.turn;
      team.from = 0;
    }
    const queues = team.inOrder.items;
    while (team.from < queues.length && !this.isOpen((queues[team.from] as Queue).line)) team.from += 1;
    return queues[team.from]?.first ?? null;
  }

  private rankOf(sessionId: string): number {
    if (sessionId <= this.lastId) return 0;
    this.lastId = sessionId;
    this.ranks += 1;
    return this.ranks;
  }

  private lineFrom(key: string, begun: Pick<Line, "shape" | "fits">): Line {
    const line = { key, ...begun, byAge: new Ordered(byAge), oldest: null, count: 0, closedIn: -1 };
    this.lines.set(key, line);
    line.fits.users += 1;
    this.bySize.add(line);
    return line;
  }

  private leave(line: Line): void {
    this.lines.delete(line.key);
    line.fits.users -= 1;
    this.bySize.delete(line);
  }

  private setOldest(line: Line, oldest: Entry | null): void {
    if (line.oldest) this.byOldest.delete(line);
    line.oldest = oldest;
    if (oldest) this.byOldest.add(line);
  }

  private queueAt(session: Pending, line: Line): Queue {
    const team = this.teamAt(session.urgency, takesTurnOf(session));
    const found = team.queues.get(line);
    if (found) return found;
    const queue = { team, line, byPriority: new Ordered(byPriority), first: null };
    team.queues.set(line, queue);
    return queue;
  }

  private teamAt(urgency: number, teamId: string): Team {
    let level = this.levels.find((each) => each.urgency === urgency);
    if (!level) {
      level = { urgency, teams: new Sorted(byHeld), byId: new Map() };
      this.levels.push(level);
      this.levels.sort((a, b) => b.urgency - a.urgency);
    }
    const found = level.byId.get(teamId);
    if (found) return found;
    const held = this.held.get(teamId) ?? 0;
    const inOrder = new Sorted<Queue>((a, b) => byPriority(a.first as Entry, b.first as Entry));
    const team: Team = { id: teamId, held, queues: new Map(), inOrder, from: 0, turn: -1 };
    level.byId.set(teamId, team);
    level.teams.add(team);
    return team;
  }
}

/** Puts the queue at its place among its team's. */
function setFirst(queue: Queue, first: Entry | null): void {
  const { team, line } = queue;
  if (queue.first) team.inOrder.delete(queue);
  queue.first = first;
  if (first) team.inOrder.add(queue);
  else team.queues.delete(line);
}

function byPriority(a: Entry, b: Entry): boolean {
  const order = placeBefore(a.session, b.session);
  return order === 0 ? byId(a, b) : order < 0;
}

function byAge(a: Entry, b: Entry): boolean {
  const [of, than] = [a.session.since, b.session.since];
  return of === than ? byId(a, b) : of < than;
}

/** Most sessions come in the order of their ids: their ranks say the same as the ids, and are compared faster. */
function byId(a: Entry, b: Entry): boolean {
  return a.rank > 0 && b.rank > 0 ? a.rank < b.rank : a.session.sessionId < b.session.sessionId;
}

function bySize(a: Line, b: Line): boolean {
  return a.shape.size === b.shape.size ? a.key < b.key : a.shape.size < b.shape.size;
}

function byHeld(a: Team, b: Team): boolean {
  return a.held === b.held ? a.id < b.id : a.held < b.held;
}

/** Sums of shares come out the same in whatever order they are added. */
function exact(held: number): number {
  return Math.round(held * 1e6) / 1e6;
}
