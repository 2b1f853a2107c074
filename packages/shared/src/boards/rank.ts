import type { Order } from "../column-definition.ts";
import type { SurvivorRule } from "../round-definition.ts";
import { compareKeys, compareRows, type Ordered } from "./board-rule.ts";

/** A row as far as ranks and survivors are concerned. */
export interface Ranked extends Ordered {
  score: number;
}

export function sortRows<R extends Ordered>(rows: readonly R[]): R[] {
  return [...rows].sort(compareRows);
}

/** Competition ranking ("1224"): ties share a rank, the next rank counts them all. Expects sorted rows. */
export function ranksOf(sorted: readonly Ordered[]): number[] {
  const ranks: number[] = [];
  sorted.forEach((row, index) => {
    const before = sorted[index - 1];
    ranks.push(
      before && compareKeys(before.sortKeys, row.sortKeys) === 0 ? (ranks[index - 1] ?? 1) : index + 1,
    );
  });
  return ranks;
}

/** How many of the sorted rows survive: as many as the rule says, and whoever ties with the last of them. */
export function cutOf(sorted: readonly Ranked[], rule: SurvivorRule, order: Order) {
  const places = Math.min(placesOf(rule, sorted, order), sorted.length);
  const last = sorted[places - 1];
  let count = places;
  for (let next = sorted[count]; last && next; next = sorted[count]) {
    if (compareKeys(next.sortKeys, last.sortKeys) !== 0) break;
    count += 1;
  }
  return { places, count };
}

/** Entrants that go on. Expects sorted rows. */
export function survivorsOf(sorted: readonly Ranked[], rule: SurvivorRule, order: Order): string[] {
  return sorted.slice(0, cutOf(sorted, rule, order).count).map((row) => row.entrantId);
}

function placesOf(rule: SurvivorRule, sorted: readonly Ranked[], order: Order): number {
  if ("all" in rule) return sorted.length;
  if ("top" in rule) return rule.top;
  if ("score" in rule) {
    const bad = sorted.findIndex(({ score }) =>
      order === "ascending" ? score > rule.score : score < rule.score,
    );
    return bad < 0 ? sorted.length : bad;
  }
  // 0.07 × 100 is 7.000000000000001 in floating point, and means 7.
  return Math.ceil(rule.share * sorted.length - 1e-9);
}
