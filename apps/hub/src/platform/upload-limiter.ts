import { DomainError } from "@podium/shared";

const RETRY_AFTER_S = 1;

/**
 * Bounds how many bodies each caller sends at once, whose bytes are in memory while they come. Of several hubs each
 * counts for itself: its memory is what is to be protected.
 */
export interface UploadLimiter {
  /**
   * Does the work unless the caller has `most` of its kind under way. They need not wait for each other: who is
   * refused sends again. @throws DomainError `overloaded`, with the seconds to wait
   */
  during<T>(key: string, most: number, work: () => Promise<T>): Promise<T>;
}

export function createUploadLimiter(): UploadLimiter {
  const running = new Map<string, number>();
  return {
    async during(key, most, work) {
      const before = running.get(key) ?? 0;
      if (before >= most)
        throw new DomainError(
          "overloaded",
          `You are sending ${before} things at once, and may send no more. Wait until one has ended, then send this again.`,
          { retry_after_seconds: RETRY_AFTER_S },
        );
      running.set(key, before + 1);
      try {
        return await work();
      } finally {
        const after = (running.get(key) ?? 1) - 1;
        if (after === 0) running.delete(key);
        else running.set(key, after);
      }
    },
  };
}
