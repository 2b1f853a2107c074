import { orderOf, type SurvivorRule } from "@podium/shared";
import { cutOf, ranksOf } from "@podium/shared/boards/rank";
import { countUnderWay, listRounds, roundOfOrganizer, whyNotUndoable } from "../../competitions/index.ts";
import type { Context } from "../../platform/context.ts";
import { countUnscored, finalStandings } from "./store.ts";

const SHOWN = 1_000;

/**
 * Who would enter the next round as the final board stands now, by the round's rule or by another: changes nothing.
 * For the organizer. @throws DomainError `not_found`, `forbidden`
 */
export async function previewSurvivors(
  ctx: Context,
  name: string,
  roundName: string,
  other: SurvivorRule | undefined,
) {
  const { competition, round } = await roundOfOrganizer(ctx, name, roundName);
  const rule = other ?? round.definition.survivors;
  const sorted = await finalStandings(ctx.db, round.id);
  const ranks = ranksOf(sorted);
  const shown = (index: number) => {
    const row = sorted[index];
    return row ? { rank: ranks[index] ?? 0, entrant: row.team, score: row.score } : null;
  };
  const range = (from: number, to: number) =>
    Array.from({ length: Math.max(0, to - from) }, (_, index) => shown(from + index)).flatMap((each) =>
      each ? [each] : [],
    );
  const { places, count } = cutOf(sorted, rule, orderOf(competition.definition.metric));
  const next =
    (await listRounds(ctx.db, competition.id)).find((each) => each.number === round.number + 1) ?? null;
  const why = whyNotUndoable(round, next);
  return {
    competition: competition.name,
    round: round.name,
    state: round.state,
    rule,
    places,
    cut: shown(count - 1),
    survivors: range(0, Math.min(count, SHOWN)),
    survivors_count: count,
    ties: range(places, Math.min(count, places + SHOWN)),
    first_out: shown(count),
    eliminated_count: sorted.length - count,
    unscored_count: await countUnscored(ctx.db, competition.id, round),
    under_way: await countUnderWay(ctx.db, round.id),
    advanced_at: round.advancedAt?.toISOString() ?? null,
    undoable: why === null,
    why_not_undoable: why,
  };
}
