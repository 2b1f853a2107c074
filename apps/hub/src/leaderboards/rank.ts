import type { SurvivorRule } from "@podium/shared";
import type { Order, Standing } from "./store.ts";

/** Best first; equal scores by the earlier submission, then by id, so that the order is total. */
export function sortStandings(standings: readonly Standing[], order: Order): Standing[] {
  const sign = order === "ascending" ? 1 : -1;
  return [...standings].sort(
    (a, b) =>
      sign * (a.score - b.score) ||
      a.bestAt.getTime() - b.bestAt.getTime() ||
      (a.entrantId < b.entrantId ? -1 : 1),
  );
}

/** Competition ranking ("1224"): equal scores share a rank, the next rank counts them all. Expects sorted standings. */
export function ranksOf(sorted: readonly Standing[]): number[] {
  const ranks: number[] = [];
  sorted.forEach((standing, index) => {
    const before = sorted[index - 1];
    ranks.push(before && before.score === standing.score ? (ranks[index - 1] ?? 1) : index + 1);
  });
  return ranks;
}

/** Entrants that go on: as many as the rule says, and whoever ties with the last of them. Expects sorted standings. */
export function survivorsOf(sorted: readonly Standing[], rule: SurvivorRule, order: Order): string[] {
  const places = placesOf(rule, sorted, order);
  const last = sorted[Math.min(places, sorted.length) - 1];
  return sorted
    .filter((standing, index) => index < places || (last !== undefined && standing.score === last.score))
    .map((standing) => standing.entrantId);
}

function placesOf(rule: SurvivorRule, sorted: readonly Standing[], order: Order): number {
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
