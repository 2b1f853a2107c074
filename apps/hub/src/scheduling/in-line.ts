import type { Pending } from "./snapshot.ts";

/** Stands for the team of sessions that have a place in a line: it holds nothing, so that its turn is always next. */
const IN_LINE = "";

/** Whose turn a session takes: its team's, or the line's. */
export function takesTurnOf({ teamId, turn }: Pending): string {
  return turn === null || turn === undefined ? teamId : IN_LINE;
}

/** Which of one team's (or of the line's) sessions comes first, by priority and place in the line; 0: the older one. */
export function placeBefore(a: Pending, b: Pending): number {
  return b.priority - a.priority || (a.turn ?? 0) - (b.turn ?? 0);
}

/** The same with their age: a total order. */
export function comesBefore(a: Pending, b: Pending): number {
  return placeBefore(a, b) || (a.sessionId < b.sessionId ? -1 : 1);
}
