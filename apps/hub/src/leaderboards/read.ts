import { DomainError, orderOf } from "@podium/shared";
import { type CompetitionRow, findCompetition, findRound, type RoundRow } from "../competitions/index.ts";
import { type Context, requireUser } from "../platform/context.ts";
import { ranksOf, sortStandings, survivorsOf } from "./rank.ts";
import { readBoard, standings, teamNames } from "./store.ts";

async function boardOf(
  ctx: Context,
  name: string,
  roundName: string,
): Promise<{ competition: CompetitionRow; round: RoundRow }> {
  requireUser(ctx);
  const found = await findCompetition(ctx.db, { name });
  const round = found
    ? await findRound(ctx.db, { competitionId: found.competition.id, name: roundName })
    : null;
  if (!found || !round)
    throw new DomainError("not_found", `There is no round "${roundName}" of a competition called "${name}".`);
  return { competition: found.competition, round };
}

function heading(competition: CompetitionRow, round: RoundRow) {
  const { metric } = competition.definition;
  return {
    competition: competition.name,
    round: round.name,
    state: round.state,
    metric: metric.name,
    order: orderOf(metric),
  };
}

/** `after` is the `next` of the page before: how many rows have been shown. */
function offsetOf(after: string | undefined): number {
  if (after === undefined) return 0;
  if (!/^\d{1,9}$/.test(after))
    throw new DomainError("invalid_request", "after: must be the `next` of the page before.");
  return Number(after);
}

/** A page of the live board. */
export async function liveBoard(
  ctx: Context,
  name: string,
  roundName: string,
  limit: number,
  after: string | undefined,
) {
  const { competition, round } = await boardOf(ctx, name, roundName);
  const head = heading(competition, round);
  const offset = offsetOf(after);
  const rows = await readBoard(ctx.db, round.id, head.order, limit + 1, offset);
  const shown = rows.slice(0, limit).map((row) => ({ ...row, best_at: row.best_at.toISOString() }));
  return { ...head, rows: shown, next: rows.length > limit ? String(offset + limit) : null };
}

/** The board worked out from submissions alone, for comparison with the live one (invariant 8). */
export async function recomputedBoard(ctx: Context, name: string, roundName: string) {
  const { competition, round } = await boardOf(ctx, name, roundName);
  const head = heading(competition, round);
  const sorted = sortStandings(await standings(ctx.db, round.id, head.order), head.order);
  const ranks = ranksOf(sorted);
  const survivors =
    round.state === "closed" ? new Set(survivorsOf(sorted, round.definition.survivors, head.order)) : null;
  const names = await teamNames(ctx.db, competition.id);
  const rows = sorted.map((standing, index) => ({
    rank: ranks[index] ?? 0,
    entrant: names.get(standing.entrantId) ?? "",
    score: standing.score,
    submissions: standing.submissions,
    best_submission_id: standing.bestSubmissionId as `sub_${string}`,
    best_at: standing.bestAt.toISOString(),
    survives: survivors?.has(standing.entrantId) ?? null,
  }));
  return { ...head, rows, next: null };
}
