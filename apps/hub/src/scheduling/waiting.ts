import { Ordered } from "./ordered.ts";
import type { Room } from "./room.ts";
import type { Shape } from "./shape.ts";
import type { Pending } from "./snapshot.ts";

/** The sessions of one shape that wait, and where they might fit. */
export interface Line {
  shape: Shape;
  /**
   * Every node that could take one now is in it, and others; null: all nodes might. What fitted nowhere fits nowhere
   * until a node gets more free, so a long queue of the like costs nothing meanwhile.
   */
  candidates: Set<Room> | null;
  byAge: Ordered<Entry>;
  count: number;
}

/** A session that waits, in the lists that it is in; one that is gone stays there until it is met. */
interface Entry {
  session: Pending;
  line: Line;
  isGone: boolean;
}

interface Team {
  id: string;
  /** what the team holds, as it was when the team was put at its place among the others */
  held: number;
  lines: Map<Line, Ordered<Entry>>;
  /** the first of its sessions that may be tried, when `stamp` is that of this turn */
  head: Entry | null;
  stamp: number;
}

interface Level {
  urgency: number;
  /** by what they hold, then by their ids */
  teams: Team[];
  byId: Map<string, Team>;
}

/**
 * What waits, and whose turn it is: the most urgent first, among those the team that holds least, of its sessions the
 * one of highest priority, then the oldest (ids sort by time).
 */
export class Waiting {
  readonly lines = new Map<string, Line>();
  private readonly sessions = new Map<string, Entry>();
  private readonly levels: Level[] = [];
  private readonly held = new Map<string, number>();
  private stamp = 0;

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

  lineOf(sessionId: string): Line | null {
    return this.sessions.get(sessionId)?.line ?? null;
  }

  add(session: Pending, key: string, shape: () => Shape): void {
    let line = this.lines.get(key);
    if (!line) {
      line = { shape: shape(), candidates: null, byAge: new Ordered(byAge), count: 0 };
      this.lines.set(key, line);
    }
    const entry: Entry = { session, line, isGone: false };
    this.sessions.set(session.sessionId, entry);
    line.count += 1;
    line.byAge.add(entry);
    const team = this.teamAt(session.urgency, session.teamId);
    let own = team.lines.get(line);
    if (!own) {
      own = new Ordered(byPriority);
      team.lines.set(line, own);
    }
    own.add(entry);
    team.stamp = -1;
  }

  remove(sessionId: string): void {
    const found = this.sessions.get(sessionId);
    if (!found) return;
    this.sessions.delete(sessionId);
    found.isGone = true;
    const { line } = found;
    line.count -= 1;
    if (line.count > 0) return;
    this.lines.delete(line.shape.key);
    for (const level of this.levels) for (const team of level.teams) team.lines.delete(line);
  }

  /** Counts what a team has got or given back. */
  hold(teamId: string, weight: number): void {
    const held = exact((this.held.get(teamId) ?? 0) + weight);
    this.held.set(teamId, held);
    for (const level of this.levels) {
      const team = level.byId.get(teamId);
      if (!team) continue;
      level.teams.splice(placeOf(level.teams, team), 1);
      team.held = held;
      level.teams.splice(placeOf(level.teams, team), 0, team);
    }
  }

  /** A new turn: nodes may have got room since the last. Within a turn, lines only cease to be worth a try. */
  beginTurn(): void {
    this.stamp += 1;
  }

  /** Whose turn it is among the sessions of these lines. */
  next(open: ReadonlySet<Line>): Pending | null {
    if (open.size === 0) return null;
    for (const level of this.levels) {
      for (let at = 0; at < level.teams.length; ) {
        const held = level.teams[at]?.held;
        let first: Entry | null = null;
        for (; level.teams[at]?.held === held && at < level.teams.length; at++) {
          const head = this.headOf(level.teams[at] as Team, open);
          if (head && (!first || head.session.sessionId < first.session.sessionId)) first = head;
        }
        if (first) return first.session;
      }
    }
    return null;
  }

  /** The first of every team that is more urgent than `urgency`, in the order of their turns. */
  *headsAbove(urgency: number): Generator<Pending> {
    for (const level of this.levels) {
      if (level.urgency <= urgency) return;
      for (const team of [...level.teams]) {
        const heads = [...team.lines.values()].flatMap((own) => own.first() ?? []);
        const [head] = heads.sort(byPriority);
        if (head) yield head.session;
      }
    }
  }

  private headOf(team: Team, open: ReadonlySet<Line>): Entry | null {
    const { head } = team;
    // Within a turn lines only close: a head stays the first as long as its own line is open.
    if (team.stamp === this.stamp && (head === null || (!head.isGone && open.has(head.line)))) return head;
    team.stamp = this.stamp;
    team.head = null;
    for (const line of open.size < team.lines.size ? open : team.lines.keys()) {
      const first = open.has(line) ? team.lines.get(line)?.first() : null;
      if (first && (!team.head || byPriority(first, team.head) < 0)) team.head = first;
    }
    return team.head;
  }

  private teamAt(urgency: number, teamId: string): Team {
    let level = this.levels.find((each) => each.urgency === urgency);
    if (!level) {
      level = { urgency, teams: [], byId: new Map() };
      this.levels.push(level);
      this.levels.sort((a, b) => b.urgency - a.urgency);
    }
    const found = level.byId.get(teamId);
    if (found) return found;
    const held = this.held.get(teamId) ?? 0;
    const team: Team = { id: teamId, held, lines: new Map(), head: null, stamp: -1 };
    level.byId.set(teamId, team);
    level.teams.splice(placeOf(level.teams, team), 0, team);
    return team;
  }
}

function byPriority({ session: a }: Entry, { session: b }: Entry): number {
  return b.priority - a.priority || (a.sessionId < b.sessionId ? -1 : 1);
}

function byAge({ session: a }: Entry, { session: b }: Entry): number {
  return a.since - b.since || (a.sessionId < b.sessionId ? -1 : 1);
}

/** Where the team is, or belongs, in the sorted list. */
function placeOf(teams: readonly Team[], team: Team): number {
  let [low, high] = [0, teams.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = teams[middle] as Team;
    const isBefore = other.held < team.held || (other.held === team.held && other.id < team.id);
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Sums of shares come out the same in whatever order they are added. */
function exact(held: number): number {
  return Math.round(held * 1e6) / 1e6;
}
