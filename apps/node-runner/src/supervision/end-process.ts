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
}

/** Ends a session in steps, each only if the one before was not enough: save, SIGTERM, SIGKILL. No process is left. */
export async function endProcess(options: EndProcessOptions) {
  const { executor, launched, graceMs, exited, urgent, announce } = options;
  const enough = AbortSignal.any([exited, urgent]);
  if (announce && !enough.aborted) await Promise.race([announce(), waitFor(graceMs, enough)]);
  if (!enough.aborted) {
    await executor.terminate(launched);
    await waitFor(Math.min(Math.max(graceMs, SHORTEST_TERM_MS), LONGEST_TERM_MS), enough);
  }
  await executor.killAndConfirm(launched);
}
