import type { CompetitionDefinition, RoundDefinition } from "@podium/shared";
import type { Scored } from "@podium/shared/boards/counts";
import { type Made, standingsOf } from "@podium/shared/boards/standings";

/** What of a submission a rejudging changes; null: it has no score. */
export type Values = Pick<Scored, "score" | "columns" | "privateScore" | "privateColumns">;

/** A submission as it counts now, and as it would after the rejudging. */
export interface Compared extends Pick<Scored, "id" | "submittedAt" | "selected"> {
  entrant: string;
  entrantId: string;
  before: Values | null;
  after: Values | null;
}

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

type Boards = Record<"public" | "private", Map<string, Place>>;

/**
 * Entrants whose score or rank a rejudging would change, board by board in the order of the ranks after it. Ranks are
 * the boards' own, tie-breaks, shared ranks and the choice of what counts included; with the Ladder, whose public board
 * takes the rows' losses to know, those of the best scores. Where both boards are the same one, the public one is told.
 */
export function differences(
  compared: readonly Compared[],
  definition: CompetitionDefinition,
  round: RoundDefinition,
): Difference[] {
  const idOf = new Map(compared.map(({ entrant, entrantId }) => [entrant, entrantId]));
  const boardsOf = (which: "before" | "after"): Boards => {
    const made = compared.flatMap(({ [which]: values, ...each }): Made[] =>
      values ? [{ ...each, ...values }] : [],
    );
    const rules = { ...definition, leaderboard: { ...definition.leaderboard, ladder: false } };
    const standings = standingsOf(rules, round, made, (entrant) => idOf.get(entrant) ?? entrant);
    return { public: placesOf(standings.public ?? []), private: placesOf(standings.private) };
  };
  const [before, after] = [boardsOf("before"), boardsOf("after")];
  const { counts, final, ladder } = definition.leaderboard;
  const isOne = round.split === undefined && counts === final && !ladder;
  const told: readonly Difference["board"][] = isOne ? ["public"] : ["public", "private"];
  return told.flatMap((board) => {
    const names = new Set([...after[board].keys(), ...before[board].keys()]);
    return [...names].flatMap((entrant) => {
      const [was, becomes] = [before[board].get(entrant) ?? null, after[board].get(entrant) ?? null];
      const isSame = was?.rank === becomes?.rank && was?.score === becomes?.score;
      return isSame ? [] : [{ entrant, board, before: was, after: becomes }];
    });
  });
}

const placesOf = (rows: readonly (Place & { entrant: string })[]) =>
  new Map(rows.map(({ entrant, rank, score }) => [entrant, { rank, score }]));
