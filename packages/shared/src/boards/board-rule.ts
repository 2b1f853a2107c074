import { type Column, columnsOf, orderOf, PRIMARY_KEY } from "../column-definition.ts";
import type { CompetitionDefinition } from "../competition-bundle.ts";
import type { BoardName } from "../leaderboards.ts";
import type { RoundDefinition } from "../round-definition.ts";

/** What of a contest's definition decides its boards. */
export interface BoardRule {
  /** Columns that are sorted by, the primary one first: 1 where a smaller value is better, -1 where a larger one is. */
  readonly sort: readonly { key: string; sign: 1 | -1 }[];
  readonly counts: CompetitionDefinition["leaderboard"]["counts"];
  readonly final: CompetitionDefinition["leaderboard"]["final"];
  /** Private rows decide in the end. */
  readonly split: boolean;
  /** Only what is better by more than chance moves the public board. */
  readonly ladder: boolean;
}

export function boardRule(
  definition: Pick<CompetitionDefinition, "metric" | "columns" | "tie_breaks" | "leaderboard">,
  round: Pick<RoundDefinition, "split">,
): BoardRule {
  const columns = columnsOf(definition);
  // A tie-break on the primary column decides nothing, and neither does one that is named twice.
  const keys = [...new Set([PRIMARY_KEY, ...definition.tie_breaks])];
  return {
    sort: keys.map((key) => ({ key, sign: signOf(columns, key) })),
    counts: definition.leaderboard.counts,
    final: definition.leaderboard.final,
    split: round.split !== undefined,
    ladder: definition.leaderboard.ladder,
  };
}

function signOf(columns: readonly Column[], key: string): 1 | -1 {
  const column = columns.find((each) => each.key === key);
  return column && orderOf(column.metric) === "descending" ? -1 : 1;
}

/** A submission's values, by the public or the private rows. */
export interface Values {
  score: number;
  columns: Record<string, number>;
}

/** What is sorted by, smaller is better. A column without a value is the worst there can be. */
export function sortKeysOf(rule: BoardRule, { score, columns }: Values): number[] {
  return rule.sort.map(({ key, sign }) => {
    const value = key === PRIMARY_KEY ? score : columns[key];
    // Adding zero makes −0 of a negated zero the zero that it equals.
    return value === undefined ? Number.POSITIVE_INFINITY : sign * value + 0;
  });
}

/** Below zero: `a` is better; zero: they tie. */
export function compareKeys(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < a.length; at += 1) {
    const [x = 0, y = 0] = [a[at], b[at]];
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}

/** What a row of a board is ordered by. */
export interface Ordered {
  entrantId: string;
  sortKeys: readonly number[];
  bestAt: Date;
}

/** Best first; ties by the earlier submission, then by id, so that the order is total. */
export function compareRows(a: Ordered, b: Ordered): number {
  return (
    compareKeys(a.sortKeys, b.sortKeys) ||
    a.bestAt.getTime() - b.bestAt.getTime() ||
    (a.entrantId < b.entrantId ? -1 : a.entrantId > b.entrantId ? 1 : 0)
  );
}

export const BOARDS: readonly BoardName[] = ["public", "private"];
