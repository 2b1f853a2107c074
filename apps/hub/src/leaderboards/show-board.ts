import {
  type BoardName,
  type CompetitionDefinition,
  columnsOf,
  type LeaderboardRow,
  orderOf,
  PRIMARY_KEY,
} from "@podium/shared";
import type { CompetitionRow, RoundRow } from "../competitions/index.ts";
import type { Place } from "./ordered-board.ts";
import { frozenAt, type View } from "./view.ts";

/** The columns beside the score that a viewer is shown. */
export function shownColumns(definition: CompetitionDefinition, view: Pick<View, "hidden">) {
  return columnsOf(definition)
    .filter(({ key, hidden }) => key !== PRIMARY_KEY && (view.hidden || !hidden))
    .map(({ key, title, metric, precision, hidden }) => ({
      key,
      title: title ?? key,
      order: orderOf(metric),
      precision: precision ?? null,
      hidden,
    }));
}

export function showPlace(
  { rank, row }: Place,
  keys: readonly string[],
  view: Pick<View, "fates">,
): LeaderboardRow {
  const columns: Record<string, number> = {};
  for (const key of keys) {
    const value = row.columns[key];
    if (value !== undefined) columns[key] = value;
  }
  const { rankLow: low, rankHigh: high, chance } = row;
  return {
    rank,
    entrant: row.team,
    score: row.score,
    columns,
    submissions: row.submissions,
    best_submission_id: row.bestSubmissionId as `sub_${string}`,
    best_at: row.bestAt.toISOString(),
    survives: view.fates ? row.survives : null,
    interval: low === null || high === null ? null : { low, high, chance },
  };
}

/** What stands above the rows. */
export function heading(
  competition: CompetitionRow,
  round: RoundRow,
  now: Date,
  view: View,
): {
  competition: string;
  round: string;
  state: RoundRow["state"];
  metric: string;
  order: "ascending" | "descending";
  board: BoardName;
  columns: ReturnType<typeof shownColumns>;
  frozen_at: string | null;
  revealed_at: string | null;
  revealed_rank: number | null;
} {
  const { definition } = competition;
  return {
    competition: competition.name,
    round: round.name,
    state: round.state,
    metric: definition.metric.name,
    order: orderOf(definition.metric),
    board: view.board,
    columns: shownColumns(definition, view),
    frozen_at: frozenAt(round, now)?.toISOString() ?? null,
    revealed_at: round.revealedAt?.toISOString() ?? null,
    revealed_rank: round.revealedAt ? null : round.revealedRank,
  };
}
