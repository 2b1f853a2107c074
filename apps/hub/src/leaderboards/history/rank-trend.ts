import { type BoardRule, compareKeys } from "@podium/shared/boards/board-rule";

/** A scored submission in the order in which the board heard of it. */
export interface Heard {
  id: string;
  entrantId: string;
  submittedAt: Date;
  sortKeys: readonly number[];
}

/**
 * Rank of an entrant on the live board right after each of its submissions had been scored. One walk over what the
 * board heard of: who is better is counted as others pass, and anew whenever the entrant itself moves.
 */
export function rankTrend(
  counts: BoardRule["counts"],
  heard: readonly Heard[],
  entrantId: string,
): Map<string, number> {
  const standing = new Map<string, Heard>();
  const ranks = new Map<string, number>();
  let better = 0;
  const isBetter = (one: Heard | undefined, mine: Heard | undefined) =>
    one !== undefined && mine !== undefined && compareKeys(one.sortKeys, mine.sortKeys) < 0;
  for (const next of heard) {
    const before = standing.get(next.entrantId);
    const counted = before && !replaces(counts, next, before) ? before : next;
    standing.set(next.entrantId, counted);
    const mine = standing.get(entrantId);
    if (next.entrantId !== entrantId) {
      better += Number(isBetter(counted, mine)) - Number(isBetter(before, mine));
      continue;
    }
    if (counted !== before) {
      better = 0;
      for (const other of standing.values()) if (isBetter(other, mine)) better += 1;
    }
    ranks.set(next.id, better + 1);
  }
  return ranks;
}

function replaces(counts: BoardRule["counts"], next: Heard, before: Heard): boolean {
  return counts === "last"
    ? next.submittedAt >= before.submittedAt
    : compareKeys(next.sortKeys, before.sortKeys) < 0;
}
