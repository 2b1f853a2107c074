import { type Id, orderOf } from "@podium/shared";
import { concludeRound, findCompetition, findRound, roundsToConclude } from "../competitions/index.ts";
import type { Context } from "../platform/context.ts";
import { oneByOne } from "../platform/one-by-one.ts";
import { emit } from "../platform/outbox.ts";
import { sortStandings, survivorsOf } from "./rank.ts";
import { markSurvivors, standings, writeStanding } from "./store.ts";

/**
 * Ends a closing round once its last submission has ended: the final board is worked out from the submissions,
 * the survivors follow from it, and both are written together with the advance. Safe to call at any time.
 */
export async function conclude(ctx: Context, roundId: string): Promise<void> {
  const round = await findRound(ctx.db, { id: roundId });
  if (round?.state !== "closing") return;
  const found = await findCompetition(ctx.db, { id: round.competitionId });
  if (!found) throw new Error(`The competition of round ${roundId} is gone.`);
  const order = orderOf(found.competition.definition.metric);

  await ctx.db.transaction(async (tx) => {
    const done = await concludeRound(ctx, tx, roundId, async () => {
      const sorted = sortStandings(await standings(tx, roundId, order), order);
      for (const standing of sorted) await writeStanding(tx, roundId, standing);
      const survivors = survivorsOf(sorted, round.definition.survivors, order);
      await markSurvivors(tx, roundId, survivors);
      return survivors;
    });
    if (!done) return;
    await emit(ctx, tx, {
      type: "leaderboard.changed",
      competition_id: round.competitionId as Id<"competition">,
      round_id: round.id as Id<"round">,
    });
  });
}

/** Ends all rounds that could be: what events do at once, done again in case that one of them got lost. */
export async function concludeDue(ctx: Context): Promise<void> {
  await oneByOne(ctx, await roundsToConclude(ctx.db), "concluding rounds", (id) => conclude(ctx, id));
}
