import type { CompetitionDefinition, Order } from "@podium/shared";
import type { Compared } from "./store.ts";

export interface Place {
  rank: number;
  score: number;
}

export interface Difference {
  entrant: string;
  board: "public" | "private";
  before: Place | null;
  after: Place | null;
}

type Rule = CompetitionDefinition["leaderboard"]["counts"] | CompetitionDefinition["leaderboard"]["final"];

/**
 * Entrants whose score or rank a rejudging would change, board by board in the order of the ranks after it. Ranks are
 * by the primary metric alone; equal scores share one.
 */
export function differences(
  compared: readonly Compared[],
  order: Order,
  { counts, final }: Pick<CompetitionDefinition["leaderboard"], "counts" | "final">,
): Difference[] {
  const boards = [
    ["public", counts],
    ["private", final],
  ] as const;
  return boards.flatMap(([board, rule]) => {
    const before = ranking(compared, order, rule, (each) => each.before[board]);
    const after = ranking(compared, order, rule, (each) => each.after[board]);
    const names = new Set([...after.keys(), ...before.keys()]);
    return [...names].flatMap((entrant) => {
      const [was, becomes] = [before.get(entrant) ?? null, after.get(entrant) ?? null];
      const isSame = was?.rank === becomes?.rank && was?.score === becomes?.score;
      return isSame ? [] : [{ entrant, board, before: was, after: becomes }];
    });
  });
}

function ranking(
  compared: readonly Compared[],
  order: Order,
  rule: Rule,
  scoreOf: (each: Compared) => number | null,
): Map<string, Place> {
  const sign = order === "ascending" ? 1 : -1;
  const counting = new Map<string, number>();
  // In order of submission: the last one that has a score stands, or the best.
  for (const each of compared) {
    const score = scoreOf(each);
    if (score === null || (typeof rule === "object" && !each.selected)) continue;
    const known = counting.get(each.entrant);
    const isBetter = known === undefined || sign * (score - known) < 0;
    if (rule === "last" || isBetter) counting.set(each.entrant, score);
  }
  const sorted = [...counting].sort(([, a], [, b]) => sign * (a - b));
  const places = new Map<string, Place>();
  let rank = 0;
  for (const [index, [entrant, score]] of sorted.entries()) {
    if (score !== sorted[index - 1]?.[1]) rank = index + 1;
    places.set(entrant, { rank, score });
  }
  return places;
}
