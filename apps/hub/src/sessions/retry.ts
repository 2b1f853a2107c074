import type { SessionFailure } from "@podium/shared";
import type { SessionRow } from "./store.ts";

const FIRST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 10 * 60_000;

/** Failures that the same session would meet again, or that are no failure of its code. */
const FINAL: readonly SessionFailure["code"][] = ["timeout", "credits_exhausted"];

/**
 * Milliseconds to wait before the next try after so many faults in a row. The first fault waits for nothing: it is one
 * node's, as a rule. Then 10 s, and twice as long each time, up to 10 minutes.
 */
export function waitAfterFaults(inARow: number): number {
  return inARow <= 1 ? 0 : waitAfterFailures(inARow - 1);
}

/** The same after so many failures of the session's own: 10 s, 20 s, 40 s …, up to 10 minutes. */
export function waitAfterFailures(count: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** (Math.max(count, 1) - 1), LONGEST_WAIT_MS);
}

/** True when its time has come. A wait longer than the longest was written by a hub whose clock was wrong. */
export function isDue(retryAt: Date, now: Date): boolean {
  return retryAt <= now || retryAt.getTime() > now.getTime() + LONGEST_WAIT_MS;
}

/** True when a session that failed by itself shall be run again: somebody asked for it, and tries are left. */
export function mayTryAgain(
  session: Pick<SessionRow, "retries" | "retriesUsed">,
  failure: SessionFailure | null,
): boolean {
  return session.retriesUsed < session.retries && !(failure && FINAL.includes(failure.code));
}
