import { BatchSize } from "../batching/batch-size.ts";
import { Latency, msOf } from "../batching/latency.ts";

/** A batch that is out, as its replica's pace counts it. */
export interface PacedBatch {
  /** Infinity: a streamed answer, which takes turns with batches and is not measured */
  readonly rows: number;
  /** monotonic milliseconds */
  readonly sentAt: number;
  /** until the most urgent of its calls is late, when it was sent */
  readonly leftMs: number;
}

/** A batch that takes so many times as long as nineteen of twenty hangs on one of its items. */
const STRANGELY_LONG = 4;

/** How fast one replica works, and so how much it should be given at once. Times are monotonic milliseconds. */
export class Pace {
  readonly latency = new Latency();
  readonly #size = new BatchSize(this.latency);
  readonly #out = new Set<PacedBatch>();
  #endedAt = 0;
  #maxRows = 1;

  /** Rows of the next batch at most, whose most urgent call has until `deadline`. */
  rowsFor(maxRows: number, deadline: number, now: number): number {
    this.#maxRows = maxRows;
    return this.#size.limit(maxRows, deadline - now - this.backlogMs(now));
  }

  sent(batch: PacedBatch) {
    if (batch.rows < Infinity) this.#out.add(batch);
  }

  /**
   * How long the model may take for a batch: until its last caller has gone; and after half the time of its most urgent
   * one, where that is strangely long for it, its items are tried one by one, so that only the one it hangs on fails.
   */
  timesOf({ rows, sentAt, leftMs }: PacedBatch, calls: readonly { deadline: number }[]) {
    let deadline = sentAt;
    for (const call of calls) deadline = Math.max(deadline, call.deadline);
    const time_ms = Math.ceil(deadline - sentAt);
    const { p95 } = this.latency;
    const splits = calls.length > 1 && p95 && leftMs / 2 > STRANGELY_LONG * msOf(p95, rows);
    return splits ? { time_ms, together_ms: Math.ceil(leftMs / 2) } : { time_ms };
  }

  /** A replica computes its batches one after the other: one that waited there for another began when that one ended. */
  ended(batch: PacedBatch, now: number) {
    if (!this.#out.delete(batch)) return;
    this.latency.observe(batch.rows, now - Math.max(batch.sentAt, this.#endedAt));
    this.#size.ended(batch.rows, batch.leftMs, now - batch.sentAt, this.#maxRows);
    this.#endedAt = now;
  }

  /** Until it should be done with what it has. */
  backlogMs(now: number): number {
    const { typical } = this.latency;
    if (!typical) return 0;
    let ms = 0;
    let begunAt = now;
    for (const { rows, sentAt } of this.#out) {
      ms += msOf(typical, rows);
      begunAt = Math.min(begunAt, Math.max(sentAt, this.#endedAt));
    }
    return Math.max(0, ms - (now - begunAt));
  }

  /** In batches as large as it is given under load; 0 while that is not known. */
  get rowsPerMs(): number {
    const { typical } = this.latency;
    if (!typical || !this.latency.knows(this.#maxRows)) return 0;
    const rows = this.#size.settled(this.#maxRows);
    return rows / Math.max(msOf(typical, rows), 1e-3);
  }

  /** Begins with what a sibling has learnt. */
  startFrom(sibling: Pace) {
    this.#maxRows = sibling.#maxRows;
    this.latency.startFrom(sibling.latency, this.#maxRows);
  }
}
