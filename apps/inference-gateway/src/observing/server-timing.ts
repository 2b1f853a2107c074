import type { Call } from "../batching/call.ts";

/**
 * The `Server-Timing` of an answer, in ms: how long it waited here for a replica (`queue`) and there for the model
 * (`batch`), how long the model took (`compute`), what the way there and back took (`transport`), and from request to
 * answer (`total`). Each is a duration on one clock, `transport` what is left of the time that the replica had it.
 */
export function serverTiming(call: Call, totalMs: number): string {
  const queue = hundredths(call.queueMs);
  const batch = hundredths(call.heldMs);
  const transport = hundredths(call.transportMs);
  const compute = hundredths(call.computeMs);
  const total = hundredths(totalMs);
  return `queue;dur=${queue}, batch;dur=${batch}, transport;dur=${transport}, compute;dur=${compute}, total;dur=${total}`;
}

function hundredths(ms: number): number {
  return Math.round(ms * 100) / 100;
}
