import type { Executor, Launched } from "../executors/executor.ts";
import { waitFor } from "../hub/attempt-source.ts";

const SHORTEST_TERM_MS = 200;
const LONGEST_TERM_MS = 5_000;

export interface EndProcessOptions {
  executor: Executor;
  launched: Launched;
  graceMs: number;
  /** Aborts when the main process is gone. */
  exited: AbortSignal;
  /** Aborts when there is no more time for politeness. */
  urgent: AbortSignal;
  /** Tells the session that it will have to end; resolves when it has saved. Null when there is nobody to tell. */
  announce: (() => Promise<void>) | null;
  /** Resolves when nobody needs the session any more, which then may end before its grace period does. */
  unneeded: Promise<void>;
  /** It does not end by itself: called before the first signal is sent. */
  onForce(): Promise<void>;
  /** Tells people, in the session's log, what happens to it. */
  say(text: string): void;
}

/** Ends a session in steps, each only if the one before was not enough: save, SIGTERM, SIGKILL. No process is left. */
export async function endProcess(options: EndProcessOptions) {
  const { executor, launched, graceMs, exited, urgent, announce, unneeded, onForce, say } = options;
  const enough = AbortSignal.any([exited, urgent]);
  if (graceMs > 0 && !enough.aborted) {
    const late = waitFor(graceMs, enough);
    if (announce) await announced(announce, options, late, enough);
    await Promise.race([unneeded, late]);
  }
  if (!exited.aborted) await onForce();
  if (!enough.aborted) {
    await executor.terminate(launched);
    await waitFor(Math.min(Math.max(graceMs, SHORTEST_TERM_MS), LONGEST_TERM_MS), enough);
    if (!enough.aborted) say("It did not end when it was told to (SIGTERM): it is killed.");
  }
  await executor.killAndConfirm(launched);
}

async function announced(
  announce: () => Promise<void>,
  { graceMs, say }: EndProcessOptions,
  late: Promise<void>,
  enough: AbortSignal,
) {
  const isLate = await Promise.race([announce().then(() => false), late.then(() => true)]);
  if (isLate && !enough.aborted)
    say(`It saved no checkpoint within its grace period of ${graceMs / 1000} s.`);
}
