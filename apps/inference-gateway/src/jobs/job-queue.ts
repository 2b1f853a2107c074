import type { Job } from "./job.ts";

/** Jobs of one endpoint at a model at once: as many as fill a batch, and no more than memory holds bodies of. */
const AT_ONCE = 16;

/** The jobs of one endpoint that have no result yet, oldest first. */
export class JobQueue {
  readonly waiting = new Set<Job>();
  readonly running = new Set<Job>();

  /** The next to run: of the key that has the fewest at a model now, its oldest. @param now monotonic milliseconds */
  next(now: number): Job | null {
    if (this.running.size >= AT_ONCE) return null;
    const busy = new Map<string | null, number>();
    for (const { submission } of this.running)
      busy.set(submission.key_id, (busy.get(submission.key_id) ?? 0) + 1);
    let best: Job | null = null;
    let fewest = Number.POSITIVE_INFINITY;
    for (const job of this.waiting) {
      const count = busy.get(job.submission.key_id) ?? 0;
      if (job.notBefore > now || count >= fewest) continue;
      best = job;
      fewest = count;
      if (fewest === 0) break;
    }
    return best;
  }

  /** How many stand before it, and itself; 0 when it does not wait. */
  positionOf(job: Job): number {
    let position = 0;
    for (const waiting of this.waiting) {
      position += 1;
      if (waiting === job) return position;
    }
    return 0;
  }
}
