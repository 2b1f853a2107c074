import type { Leaderboard } from "../../api/types.ts";

/** The pages of a board as one: the rows of all, everything else as the first one says. */
export function joinPages(pages: readonly Leaderboard[] | undefined): Leaderboard | undefined {
  const first = pages?.[0];
  if (!pages || !first) return undefined;
  // A row that has moved while pages were fetched may be on two of them.
  const rows = new Map(pages.flatMap((page) => page.rows).map((row) => [row.entrant, row]));
  return { ...first, rows: [...rows.values()].sort((a, b) => a.rank - b.rank) };
}

/**
 * A first page that the stream has sent, in the place of the one before. The stream sends everybody the same, so one's
 * own rows come from the page where they stand on it, and stay as they were where not.
 */
export function replaceFirst(before: Leaderboard | undefined, sent: Leaderboard): Leaderboard {
  const rows = new Map(sent.rows.map((row) => [row.entrant, row]));
  const own = (before?.own ?? []).map((row) => rows.get(row.entrant) ?? row);
  return { ...sent, own };
}

/** Whether a page that was sent leaves something of one's own unknown: then it has to be fetched. */
export function leavesOut(before: Leaderboard | undefined, sent: Leaderboard): boolean {
  const shown = new Set(sent.rows.map((row) => row.entrant));
  const other = before?.board !== sent.board || before.revealed_rank !== sent.revealed_rank;
  return other || before.own.some((row) => !shown.has(row.entrant));
}
