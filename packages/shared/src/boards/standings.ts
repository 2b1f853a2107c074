import { orderOf } from "../column-definition.ts";
import type { CompetitionDefinition } from "../competition-bundle.ts";
import type { BoardName } from "../leaderboards.ts";
import type { RoundDefinition } from "../round-definition.ts";
import { boardRule } from "./board-rule.ts";
import { type Counted, countsOf, type Scored } from "./counts.ts";
import { ranksOf, sortRows, survivorsOf } from "./rank.ts";

/** A submission with whose it is. */
export interface Made extends Scored {
  entrant: string;
}

export interface Standing extends Counted {
  rank: number;
  entrant: string;
}

export interface Standings {
  /** null: it can't be known without the rows' losses, as the Ladder decides what is shown */
  public: Standing[] | null;
  private: Standing[];
  /** who goes on by the round's rule, from the final board */
  survivors: string[];
}

/**
 * A round's boards and survivors, worked out from its scored submissions alone. Trial runs and what failed are to be
 * left out, and so are entrants that are on no board. `idOf`: the entrant's id, by which the last ties are ordered.
 */
export function standingsOf(
  definition: CompetitionDefinition,
  round: RoundDefinition,
  submissions: readonly Made[],
  idOf: (entrant: string) => string,
): Standings {
  const rule = boardRule(definition, round);
  const counts = [...Map.groupBy(submissions, ({ entrant }) => entrant)].map(([entrant, all]) => ({
    entrant,
    counts: countsOf(rule, all),
  }));
  const board = (name: BoardName): Standing[] => {
    const rows = counts.flatMap(({ entrant, counts: { [name]: row } }) =>
      row ? [{ ...row, entrant, entrantId: idOf(entrant) }] : [],
    );
    const sorted = sortRows(rows);
    const ranks = ranksOf(sorted);
    return sorted.map(({ entrantId: _, ...row }, index) => ({ ...row, rank: ranks[index] ?? 0 }));
  };
  const final = board("private");
  const ranked = final.map((row) => ({ ...row, entrantId: row.entrant }));
  return {
    public: rule.ladder ? null : board("public"),
    private: final,
    survivors: survivorsOf(ranked, round.survivors, orderOf(definition.metric)),
  };
}
