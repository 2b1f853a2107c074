/** The only source of time in the gateway. */
export interface Clock {
  now(): Date;
  /** Milliseconds that only grow: for deadlines and durations. */
  elapsedMs(): number;
}

export const systemClock: Clock = { now: () => new Date(), elapsedMs: () => performance.now() };
