import { CliError } from "./errors.ts";

/** Waits before the second, third and fourth try. */
const WAITS_MS = [100, 400, 1200];

/**
 * Sends a request up to four times when the network fails or the hub is just starting (503). Every write carries an
 * Idempotency-Key that stays the same, so that a write whose answer got lost is done once.
 * Throws a `CliError` when the hub can't be reached; an abort passes through.
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

function unreachable(url: string, error: unknown): CliError {
  const { code, message } = error as { code?: string; message?: string };
  // Bun tells its own users how to see more; ours can't act on that.
  const told = (message ?? String(error)).replace(/ For more information, pass `verbose.*/s, "");
  const reason = /refused/i.test(code ?? "") ? "nothing listens there" : told.replace(/\.?$/, "");
  return new CliError(
    `The hub at ${new URL(url).origin} can't be reached: ${reason}. Is it running? Is the address right? (podium login ADDRESS)`,
  );
}
