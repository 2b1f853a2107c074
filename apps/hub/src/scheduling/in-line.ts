import type { Pending } from "./snapshot.ts";

/** Stands for the team of sessions that have a place in a line: it holds nothing, so that its turn is always next. */
const IN_LINE = "";

/** Whose turn a session takes: its team's, or the line's. */
export function takesTurnOf({ teamId, turn }: Pending): string {
  return turn === null || turn === undefined ? teamId : IN_LINE;
}

/** Which of one team's (or of the line's) sessions comes first: by priority, place in the line, and age. */
export function comesBefore(a: Pending, b: Pending): number {
  const byPlace = (a.turn ?? 0) - (b.turn ?? 0);
  return b.priority - a.priority || byPlace || (a.sessionId < b.sessionId ? -1 : 1);
}
