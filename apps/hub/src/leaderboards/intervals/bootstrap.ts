/** Ranks that resamples give an entrant. */
export interface RankInterval {
  /** 2.5 and 97.5 percentiles */
  low: number;
  high: number;
  /** share of the resamples in which its rank is at most the number of places; null without places */
  chance: number | null;
}

const TAIL = 0.025;

/**
 * Intervals of ranks by paired bootstrap: rows are drawn with replacement, the same ones for all entrants, and
 * everybody is ranked by the mean loss over them; ties share a rank. A generator, so that who runs it may pause
 * between resamples. Intervals that overlap do not prove a tie.
 * @param losses  one list an entrant, all of the same length: a loss a row, smaller is better
 * @param draw    a whole number of 0 … `below` − 1
 * @param places  how many survive
 */
export function* bootstrapRanks(
  losses: readonly Float64Array[],
  options: { resamples: number; draw: (below: number) => number; places: number | null },
): Generator<void, RankInterval[]> {
  const { resamples, draw, places } = options;
  const rows = losses[0]?.length ?? 0;
  const ranks = losses.map(() => new Uint32Array(resamples));
  const times = new Float64Array(rows);
  const sums = new Float64Array(losses.length);
  for (let at = 0; at < resamples; at += 1) {
    times.fill(0);
    for (let n = 0; n < rows; n += 1) {
      const row = draw(rows);
      times[row] = (times[row] ?? 0) + 1;
    }
    for (const [entrant, its] of losses.entries()) sums[entrant] = weightedSum(its, times);
    const sorted = sums.toSorted();
    for (const [entrant, its] of ranks.entries()) its[at] = 1 + countBelow(sorted, sums[entrant] ?? 0);
    yield;
  }
  return ranks.map((its) => intervalOf(its, places));
}

function weightedSum(values: Float64Array, weights: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at += 1) sum += (values[at] ?? 0) * (weights[at] ?? 0);
  return sum;
}

function countBelow(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function intervalOf(ranks: Uint32Array, places: number | null): RankInterval {
  const sorted = ranks.toSorted();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  const within = places === null ? null : ranks.reduce((sum, rank) => sum + Number(rank <= places), 0);
  return {
    low: at(TAIL),
    high: at(1 - TAIL),
    chance: within === null ? null : within / ranks.length,
  };
}
