/** Durations of a batch, microseconds, as they go to the gateway; what is not known is left out. */
export interface Timings {
  /** the model's process worked on it, by its own clock */
  compute_us?: number;
  /** it waited at the model behind an earlier batch, by this runner's clock */
  held_us?: number;
}

/** What a session's process says, which may be anything. */
export function microsecondsOf(said: unknown): number | null {
  return Number.isSafeInteger(said) && (said as number) >= 0 ? (said as number) : null;
}

/**
 * The model works on one batch after the other, so one waits there until the batch before it is answered.
 * @param cameAt, @param freeAt, @param now monotonic milliseconds: when it went to the model, the model's latest answer, its own
 * @param computeUs null: the model's process does not say
 */
export function timingsOf(cameAt: number, freeAt: number, now: number, computeUs: number | null): Timings {
  if (computeUs === null) return {};
  const tookUs = Math.round((now - cameAt) * 1000);
  const heldUs = Math.round(Math.max(0, freeAt - cameAt) * 1000);
  const compute_us = Math.min(computeUs, tookUs);
  return { compute_us, held_us: Math.min(heldUs, tookUs - compute_us) };
}
