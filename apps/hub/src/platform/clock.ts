/** The only source of time in the hub. Injected, so that a test or a simulation decides what time it is. */
export interface Clock {
  now(): Date;
}

/**
 * This machine's time at the start of the process, and what has passed since: it does not jump when somebody sets the
 * machine's clock. What it drifts is made up for by `agreeOnTime`.
 */
export const systemClock: Clock = { now: () => new Date(performance.timeOrigin + performance.now()) };

/** A clock that stands still until it is told to move. */
export function fixedClock(at: string | Date): Clock & { advance(ms: number): void } {
  let now = new Date(at).getTime();
  return {
    now: () => new Date(now),
    advance(ms) {
      now += ms;
    },
  };
}
