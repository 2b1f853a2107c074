import { createAlarm } from "./alarm.ts";

/** Counts the writes that have begun, so that a hub that shuts down answers them first. Reads are simply asked again. */
export function createDrain() {
  let running = 0;
  const idle = createAlarm();
  return {
    async during<T>(work: () => Promise<T>): Promise<T> {
      running += 1;
      try {
        return await work();
      } finally {
        running -= 1;
        if (running === 0) idle.ring();
      }
    },
    /** Resolves when no write runs, at the latest after this long. */
    async finished(withinMs: number): Promise<void> {
      if (running === 0) return;
      const late = AbortSignal.timeout(withinMs);
      while (running > 0 && !late.aborted) await idle.wait(withinMs);
    },
  };
}
export type Drain = ReturnType<typeof createDrain>;
