import { comesBefore, takesTurnOf } from "./in-line.ts";
import type { Pending } from "./snapshot.ts";

interface Queue {
  teamId: string;
  next: Pending;
  /** the team's other sessions, by its own priority and age */
  rest: Pending[];
  /** what the team holds now */
  held: number;
}

/**
 * Whose turn it is: the most urgent first, among those the team that holds least, of its sessions the one of highest
 * priority, then the oldest (ids sort by time); those with a place in a line count as one team's, in its order. `usage` is read again after every turn: what was placed counts.
 */
export function* turns(pending: readonly Pending[], usage: ReadonlyMap<string, number>): Generator<Pending> {
  const levels = Map.groupBy(pending, (session) => session.urgency);
  for (const urgency of [...levels.keys()].sort((a, b) => b - a)) {
    const line = queuesOf(levels.get(urgency) ?? [], usage).sort(compare);
    for (let queue = line.shift(); queue; queue = line.shift()) {
      yield queue.next;
      const next = queue.rest.shift();
      if (next) enter(line, { ...queue, next, held: usage.get(queue.teamId) ?? 0 });
    }
  }
}

function queuesOf(sessions: readonly Pending[], usage: ReadonlyMap<string, number>): Queue[] {
  const byTeam = Map.groupBy(sessions, takesTurnOf);
  return [...byTeam].flatMap(([teamId, own]) => {
    const [next, ...rest] = own.sort(comesBefore);
    return next ? [{ teamId, next, rest, held: usage.get(teamId) ?? 0 }] : [];
  });
}

function compare(a: Queue, b: Queue): number {
  return a.held - b.held || (a.next.sessionId < b.next.sessionId ? -1 : 1);
}

/** Puts the queue at its place in the sorted line. */
function enter(line: Queue[], queue: Queue): void {
  let from = 0;
  let to = line.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (compare(line[middle] as Queue, queue) < 0) from = middle + 1;
    else to = middle;
  }
  line.splice(from, 0, queue);
}
