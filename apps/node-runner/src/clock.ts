/** The only source of time in the runner. */
export interface Clock {
  now(): Date;
  /** Milliseconds that only grow, for durations. */
  elapsedMs(): number;
}

export const systemClock: Clock = { now: () => new Date(), elapsedMs: () => performance.now() };
