import { type Latency, msOf } from "./latency.ts";

/** Rows of a first batch, of which nothing is known. Later ones have at most twice the rows of any that was measured. */
const FIRST_ROWS = 4;
/** Of the time that a batch's most urgent call has left, its batch may take so much. */
const SHARE = 0.9;
/** Batches without a breach, one of them at the limit, after which the guard lets a row more in. */
const WINDOW = 16;

/**
 * How many rows a batch may have, so that its most urgent call is answered in time: from the learnt line, and from a
 * guard for what no line knows (a busy machine, slow inputs). The guard closes by a tenth each time that a batch took
 * longer than it should, and opens by a row after each clean window.
 */
export class BatchSize {
  #guard = Infinity;
  #clean = 0;
  #reached = false;

  constructor(private readonly latency: Latency) {}

  /** Rows of a batch at most once sizes have grown to what they may be. @param maxRows the model's own limit */
  settled(maxRows: number): number {
    return Math.min(maxRows, this.#guard);
  }

  #ceiling(maxRows: number): number {
    return Math.min(this.settled(maxRows), Math.max(FIRST_ROWS, 2 * this.latency.largest));
  }

  /**
   * @param maxRows the model's own limit
   * @param leftMs until the most urgent call of the batch is late. A call that will be late in any batch limits
   * none: batches of one for its sake would only make those behind it late, too.
   */
  limit(maxRows: number, leftMs: number): number {
    const rows = this.#rowsWithin(leftMs);
    return rows < 1 ? this.#ceiling(maxRows) : Math.min(this.#ceiling(maxRows), rows);
  }

  /**
   * Learns from a batch that has ended.
   * @param leftMs that its most urgent call had when it was sent @param tookMs from then to its end
   */
  ended(rows: number, leftMs: number, tookMs: number, maxRows: number) {
    if (this.#rowsWithin(leftMs) < 1) return;
    if (tookMs > SHARE * leftMs && rows > 1) {
      this.#guard = Math.max(1, Math.floor(0.9 * Math.min(this.#guard, rows)));
      this.#clean = 0;
      this.#reached = false;
      return;
    }
    this.#clean += 1;
    this.#reached ||= rows >= this.#guard;
    if (this.#clean < WINDOW || !this.#reached) return;
    this.#clean = 0;
    this.#reached = false;
    this.#guard = this.#guard + 1 >= maxRows ? Infinity : this.#guard + 1;
  }

  #rowsWithin(leftMs: number): number {
    const line = this.latency.p95;
    if (!line) return Infinity;
    const ms = SHARE * leftMs;
    if (msOf(line, 1) > ms) return 0;
    return line.perRow > 0 ? Math.floor((ms - line.fixed) / line.perRow) : Infinity;
  }
}
