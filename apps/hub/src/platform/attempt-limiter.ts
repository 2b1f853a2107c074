import { DomainError } from "@podium/shared";
import type { Clock } from "./clock.ts";

const MAX_REMEMBERED = 100_000;

/**
 * Slows the guessing of passwords: so many attempts per key within a window. Kept in memory, so that a flood costs
 * no writes; of several hubs each counts for itself, and a restart forgets.
 */
export interface AttemptLimiter {
  /** Counts an attempt before it is made, so that many at once don't slip through. @throws DomainError `limit_reached` */
  take(key: string, limit: number): void;
  /** Forgets a key's attempts, after one that was right. */
  forgive(key: string): void;
}

export function createAttemptLimiter(clock: Clock, windowMs: number): AttemptLimiter {
  const counted = new Map<string, { count: number; until: number }>();

  function dropOldest(now: number): void {
    for (const [key, { until }] of counted) {
      if (until > now && counted.size < MAX_REMEMBERED) return;
      counted.delete(key);
    }
  }

  return {
    take(key, limit) {
      const now = clock.now().getTime();
      const known = counted.get(key);
      if (!known || known.until <= now) {
        counted.delete(key);
        dropOldest(now);
        counted.set(key, { count: 1, until: now + windowMs });
        return;
      }
      if (known.count >= limit) {
        const seconds = Math.ceil((known.until - now) / 1000);
        throw new DomainError("limit_reached", `Too many attempts. Try again in ${seconds} s.`, {
          retry_after_seconds: seconds,
        });
      }
      known.count += 1;
    },
    forgive: (key) => void counted.delete(key),
  };
}
