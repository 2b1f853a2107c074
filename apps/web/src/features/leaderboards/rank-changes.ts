import type { LeaderboardRow } from "../../api/types.ts";

/** What happened to an entrant between two views of a board; `places` > 0 went up. */
export interface Change {
  places: number;
  entered: boolean;
  improved: boolean;
}

/** Who moved, entered or improved between two views of a board, by entrant. */
export function changesBetween(
  before: readonly LeaderboardRow[],
  after: readonly LeaderboardRow[],
): Map<string, Change> {
  const old = new Map(before.map((row) => [row.entrant, row]));
  const changes = new Map<string, Change>();
  for (const row of after) {
    const was = old.get(row.entrant);
    const change = {
      places: was ? was.rank - row.rank : 0,
      entered: was === undefined,
      improved: was !== undefined && was.score !== row.score,
    };
    if (change.places !== 0 || change.entered || change.improved) changes.set(row.entrant, change);
  }
  return changes;
}

/** The changes as a sentence for those who don't see the board move. */
export function announce(changes: ReadonlyMap<string, Change>, rows: readonly LeaderboardRow[]): string {
  const rank = new Map(rows.map((row) => [row.entrant, row.rank]));
  return [...changes]
    .filter(([, change]) => change.entered || change.improved)
    .map(
      ([entrant, change]) =>
        `${entrant} ${change.entered ? "enters at" : change.places > 0 ? "rises to" : "improves, stays at"} rank ${rank.get(entrant)}`,
    )
    .join("; ");
}
