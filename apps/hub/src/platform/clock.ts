/** The only source of time in the hub. Injected, so that a test or a simulation decides what time it is. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

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
