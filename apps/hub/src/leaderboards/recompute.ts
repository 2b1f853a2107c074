import { type BoardName, type Leaderboard, orderOf } from "@podium/shared";
import { survivorsOf } from "@podium/shared/boards/rank";
import { listRounds, roundOfOrganizer } from "../competitions/index.ts";
import type { Context } from "../platform/context.ts";
import { recountedBoard } from "./boards.ts";
import { heading, showPlace } from "./show-board.ts";
import { entrantsBeyond } from "./store.ts";
import { viewOf } from "./view.ts";

/**
 * A board worked out from submissions alone, for comparison with the stored one (invariant 8); for the organizer.
 * @throws DomainError `not_found`, `forbidden`
 */
export async function recomputedBoard(
  ctx: Context,
  name: string,
  roundName: string,
  wish: { board?: BoardName | undefined } = {},
): Promise<Leaderboard> {
  const { competition, round } = await roundOfOrganizer(ctx, name, roundName);
  const now = ctx.clock.now();
  const view = viewOf(round, true, now, wish);
  const source = {
    competitionId: competition.id,
    roundId: round.id,
    definition: competition.definition,
    round: round.definition,
  };
  const board = await recountedBoard(ctx, source, view.board);
  const survivors = round.advancedAt ? await survivorsOfRound() : null;
  const head = heading(competition, round, now, view);
  const keys = head.columns.map(({ key }) => key);
  const rows = board.slice(0, board.size).map((place) => ({
    ...showPlace(place, keys, view),
    survives: survivors?.has(place.row.entrantId) ?? null,
  }));
  return { ...head, entrants: board.size, at: null, rows, own: [], next: null };

  /** Who is beyond the round; of the last one, beyond which nobody is, whom the rule names. */
  async function survivorsOfRound(): Promise<Set<string>> {
    const rounds = await listRounds(ctx.db, competition.id);
    if (rounds.some(({ number }) => number > round.number))
      return new Set(await entrantsBeyond(ctx.db, competition.id, round.number));
    const final = await recountedBoard(ctx, source, "private");
    const order = orderOf(competition.definition.metric);
    return new Set(survivorsOf(final.rows(), round.definition.survivors, order));
  }
}
