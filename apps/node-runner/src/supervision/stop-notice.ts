import type { Cause } from "./attempt-state.ts";

/** What people read in a session's log when it is to end: why, and what comes now. */
export function stopNotice(cause: Cause, graceMs: number): string {
  const why = cause.type === "failure" ? cause.failure.message : `The session is to end: ${reasonOf(cause)}.`;
  return `${why} It is asked for a checkpoint and has ${graceMs / 1000} s for it.`;
}

function reasonOf({ reason }: { reason: string }): string {
  return reason === "credits_exhausted" ? "its team's credit is used up" : reason;
}
