/** Durations that are kept of each class of sizes: enough for a 95th percentile, few enough to follow a model that changes. */
const KEPT = 32;
/** Sizes are classed by powers of two: 1, 2–3, 4–7 …, 4096 and more. */
const CLASSES = 13;
/** Of so many durations the slowest is left out. */
const ENOUGH = 8;
/** Measured batches after which the lines are drawn anew. */
const REFIT_EVERY = 32;
/** A class that was not seen for so many batches counts half: what it says may be of a colder or busier time. */
const HALF_AFTER = 256;

/** `perRow * rows + fixed`, milliseconds; neither is negative. */
export interface Line {
  readonly perRow: number;
  readonly fixed: number;
}

interface Point {
  rows: number;
  ms: number;
  weight: number;
}

/**
 * How long batches take at one replica, as a function of their rows: learnt from the batches themselves, in memory
 * that does not grow. Each class of sizes keeps its latest durations. A line goes through their medians (least squares,
 * both coefficients at least 0), a second one through what the 95th percentile of each class is relative to the first:
 * within a class sizes differ by up to two, so durations alone can't be compared. One slow batch among many moves neither.
 */
export class Latency {
  /** null until a batch was measured */
  typical: Line | null = null;
  p95: Line | null = null;
  /** rows of the largest batch that was measured */
  largest = 0;
  readonly #classes: (SizeClass | undefined)[] = [];
  #measured = 0;
  #nextFit = 1;
  #inherited = false;

  /** @param rows at least 1 @param ms that the replica worked on it */
  observe(rows: number, ms: number) {
    if (!(rows >= 1 && rows < Infinity && ms >= 0 && ms < Infinity)) return;
    this.#measured += 1;
    this.largest = Math.max(this.largest, rows);
    const index = Math.min(CLASSES - 1, Math.floor(Math.log2(rows)));
    this.#classes[index] ??= new SizeClass();
    this.#classes[index].observe(rows, ms, this.#measured);
    if (this.#measured < this.#nextFit) return;
    this.#nextFit = this.#measured + Math.min(REFIT_EVERY, this.#measured);
    this.#fit();
  }

  /**
   * Whether the lines say something about batches of other sizes than were seen, up to `maxRows`: not after a few batches, and
   * not after many of one size, of which nobody can tell what a larger one costs.
   */
  knows(maxRows: number): boolean {
    if (this.#measured < ENOUGH) return this.#inherited;
    return this.largest >= maxRows || this.#classes.filter((one) => one !== undefined).length > 1;
  }

  /** Begins with what another replica of the model has learnt, until it has batches of its own. */
  startFrom(other: Latency, maxRows: number) {
    const { typical, p95, largest } = other;
    if (this.#measured > 0) return;
    this.#inherited = other.knows(maxRows);
    this.typical = typical;
    this.p95 = p95;
    this.largest = largest;
    this.#nextFit = ENOUGH;
  }

  #fit() {
    const known = this.#classes.filter((one) => one !== undefined);
    const now = this.#measured;
    const line = lineThrough(known.map((one) => one.median(now)));
    this.typical = line;
    this.p95 = lineThrough(known.map((one) => one.slow(now, line)));
  }
}

/** The latest batches of about one size. */
class SizeClass {
  readonly #rows = new Float64Array(KEPT);
  readonly #ms = new Float64Array(KEPT);
  #count = 0;
  #seenAt = 0;

  observe(rows: number, ms: number, at: number) {
    const place = this.#count % KEPT;
    this.#rows[place] = rows;
    this.#ms[place] = ms;
    this.#count += 1;
    this.#seenAt = at;
  }

  median(now: number): Point {
    const sorted = this.#ms.slice(0, this.#kept).sort();
    const middle = (sorted[(this.#kept - 1) >> 1] ?? 0) + (sorted[this.#kept >> 1] ?? 0);
    return { rows: this.#meanRows(), ms: middle / 2, weight: this.#weight(now) };
  }

  /** The 95th percentile; of few, the one but slowest: a single slow batch is no pattern. */
  slow(now: number, typical: Line): Point {
    const kept = this.#kept;
    const ratios = new Float64Array(kept);
    for (let at = 0; at < kept; at += 1) {
      ratios[at] = (this.#ms[at] ?? 0) / Math.max(msOf(typical, this.#rows[at] ?? 0), 1e-6);
    }
    ratios.sort();
    const rows = this.#meanRows();
    const rank = Math.min(Math.ceil(0.95 * kept) - 1, kept < ENOUGH ? kept - 1 : kept - 2);
    const ms = (ratios[rank] ?? 0) * Math.max(msOf(typical, rows), 1e-6);
    return { rows, ms, weight: this.#weight(now) };
  }

  get #kept(): number {
    return Math.min(KEPT, this.#count);
  }

  #meanRows(): number {
    let sum = 0;
    for (let at = 0; at < this.#kept; at += 1) sum += this.#rows[at] ?? 0;
    return sum / this.#kept;
  }

  #weight(now: number): number {
    return this.#kept * 0.5 ** ((now - this.#seenAt) / HALF_AFTER);
  }
}

/** Milliseconds of a batch of so many rows. */
export function msOf({ perRow, fixed }: Line, rows: number): number {
  return perRow * rows + fixed;
}

/**
 * Weighted least squares with both coefficients at least 0. Through a single point: in proportion to the rows, so that
 * what a larger batch would take is rather thought too long than too short.
 */
export function lineThrough(points: readonly Point[]): Line {
  let [w, x, y, xx, xy] = [0, 0, 0, 0, 0];
  for (const { rows, ms, weight } of points) {
    w += weight;
    x += weight * rows;
    y += weight * ms;
    xx += weight * rows * rows;
    xy += weight * rows * ms;
  }
  const proportional = { perRow: xx > 0 ? xy / xx : 0, fixed: 0 };
  if (points.length < 2) return proportional;
  const perRow = (w * xy - x * y) / (w * xx - x * x);
  const fixed = (y - perRow * x) / w;
  if (!Number.isFinite(perRow) || fixed < 0) return proportional;
  return perRow < 0 ? { perRow: 0, fixed: y / w } : { perRow, fixed };
}
