import { CliError } from "./errors.ts";

/** Waits before the second, third and fourth try. */
const WAITS_MS = [100, 400, 1200];
/** Waits between the tries of a transfer under way: a hub that is restarted is back within a minute. */
const PATIENT_WAITS_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
/** The hub takes no more at once from this user, but it is there: other transfers of theirs may take a while. */
const MAX_BUSY_WAITS = 600;
const BUSY_WAIT_MS = 1_000;

/** The hub can't be reached, the connection broke, bytes arrived damaged: the same request may well succeed. */
export class PassingError extends CliError {}

/**
 * Sends a request up to four times when the network fails or the hub is just starting (503). Every write carries an
 * Idempotency-Key that stays the same, so that a write whose answer got lost is done once.
 * Throws a `PassingError` when the hub can't be reached; an abort passes through.
 */
export async function sendWithRetries(make: () => Request): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    const request = make();
    const wait = WAITS_MS[attempt];
    try {
      const response = await fetch(request);
      if (response.status !== 503 || wait === undefined) return response;
    } catch (error) {
      if (request.signal.aborted) throw error;
      if (wait === undefined) throw unreachable(request.url, error);
    }
    await Bun.sleep(wait);
  }
}

/**
 * Does a step of a transfer, again and again for about a minute while the hub can't be reached, and for ten while it
 * has enough of this user's. The step must be one that can be repeated. Throws what it threw last.
 */
export async function patiently<T>(step: () => Promise<T>, onWait: (error: Error) => void): Promise<T> {
  let [failed, busy] = [0, 0];
  for (;;) {
    try {
      return await step();
    } catch (error) {
      const isBusy = error instanceof CliError && error.code === "overloaded";
      const passes =
        error instanceof PassingError || (error instanceof CliError && error.code === "unavailable");
      let wait: number | undefined;
      if (isBusy && busy++ < MAX_BUSY_WAITS) wait = error.retryAfterMs ?? BUSY_WAIT_MS;
      else if (passes) wait = PATIENT_WAITS_MS[failed++];
      if (wait === undefined) throw error;
      onWait(error as Error);
      await Bun.sleep(wait);
    }
  }
}

/** A network failure in words for people. */
export function unreachable(url: string, error: unknown): PassingError {
  const { code, message } = error as { code?: string; message?: string };
  // Bun tells its own users how to see more; ours can't act on that.
  const told = (message ?? String(error)).replace(/ For more information, pass `verbose.*/s, "");
  const reason = /refused/i.test(code ?? "") ? "nothing listens there" : told.replace(/\.?$/, "");
  return new PassingError(
    `The hub at ${new URL(url).origin} can't be reached: ${reason}. Is it running? Is the address right? (podium login ADDRESS)`,
  );
}
