import type { BoardName } from "../leaderboards.ts";
import { type BoardRule, compareKeys, sortKeysOf, type Values } from "./board-rule.ts";

/** A scored submission, as far as boards are concerned. */
export interface Scored {
  id: string;
  submittedAt: Date;
  score: number;
  columns: Record<string, number> | null;
  privateScore: number | null;
  privateColumns: Record<string, number> | null;
  selected: boolean;
}

/** An entrant's row of a board, but for its rank. */
export interface Counted extends Values {
  sortKeys: number[];
  submissions: number;
  bestSubmissionId: string;
  bestAt: Date;
}

export type Counts = Record<BoardName, Counted | null>;
export const NOTHING_COUNTS: Counts = { public: null, private: null };

/**
 * What counts of an entrant's scored submissions: on the public board the best or the last by public values, on the
 * final one the best, the last or the best of the selected, by private values where the round has a split.
 * @param shown  for the Ladder: the submission whose score is shown
 */
export function countsOf(rule: BoardRule, all: readonly Scored[], shown?: string | null): Counts {
  const byAge = all.toSorted(older);
  const publicBest = byAge.toSorted((a, b) => compareKeys(publicKeys(rule, a), publicKeys(rule, b)));
  const live = rule.ladder
    ? byAge.find(({ id }) => id === shown)
    : rule.counts === "last"
      ? byAge.at(-1)
      : publicBest[0];
  return {
    public: live ? counted(rule, live, publicValues(live), all.length) : null,
    private: finalOf(rule, byAge, publicBest),
  };
}

function finalOf(rule: BoardRule, byAge: readonly Scored[], publicBest: readonly Scored[]): Counted | null {
  const rows = candidates(rule, byAge, publicBest).flatMap((each) => {
    const values = rule.split ? privateValues(each) : publicValues(each);
    return values ? [counted(rule, each, values, byAge.length)] : [];
  });
  // Stable: among equals the earlier submission counts.
  return rows.toSorted((a, b) => compareKeys(a.sortKeys, b.sortKeys))[0] ?? null;
}

/** The submissions that the final board picks the best of, the earliest first. */
function candidates(rule: BoardRule, byAge: readonly Scored[], publicBest: readonly Scored[]) {
  if (rule.final === "last") return byAge.slice(-1);
  if (rule.final === "best") return publicBest.slice(0, 1);
  const places = rule.final.selected;
  const chosen = byAge.filter(({ selected }) => selected).slice(0, places);
  const others = publicBest.filter(({ selected }) => !selected).slice(0, places - chosen.length);
  return [...chosen, ...others].sort(older);
}

function older(a: Scored, b: Scored): number {
  return a.submittedAt.getTime() - b.submittedAt.getTime() || (a.id < b.id ? -1 : 1);
}

function counted(rule: BoardRule, of: Scored, values: Values, submissions: number): Counted {
  return {
    ...values,
    sortKeys: sortKeysOf(rule, values),
    submissions,
    bestSubmissionId: of.id,
    bestAt: of.submittedAt,
  };
}

const publicValues = ({ score, columns }: Scored): Values => ({ score, columns: columns ?? {} });
const publicKeys = (rule: BoardRule, of: Scored) => sortKeysOf(rule, publicValues(of));

/** null: it was scored when the round had no split, so it has no final score. */
const privateValues = ({ privateScore, privateColumns }: Scored): Values | null =>
  privateScore === null ? null : { score: privateScore, columns: privateColumns ?? {} };
