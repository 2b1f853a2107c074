import { type Id, orderOf } from "@podium/shared";
import { boardRule } from "@podium/shared/boards/board-rule";
import { survivorsOf } from "@podium/shared/boards/rank";
import { concludeRound, findCompetition, findRound, roundsToConclude } from "../competitions/index.ts";
import type { Context } from "../platform/context.ts";
import { oneByOne } from "../platform/one-by-one.ts";
import { emit } from "../platform/outbox.ts";
import { entrantChunks } from "./counting/store.ts";
import { replayLadder } from "./ladder/replay.ts";
import { markSurvivors } from "./store.ts";
import { finalStandings } from "./survivors/store.ts";
import { syncEntrants } from "./update.ts";

/**
 * Ends a closing round once its last submission has ended: the final board is worked out from the submissions, the
 * survivors follow from it, and both are written together with the advance. Safe to call at any time.
 */
export async function conclude(ctx: Context, roundId: string): Promise<void> {
  const round = await findRound(ctx.db, { id: roundId });
  if (round?.state !== "closing") return;
  const found = await findCompetition(ctx.db, { id: round.competitionId });
  if (!found) throw new Error(`The competition of round ${roundId} is gone.`);
  const { definition } = found.competition;
  const rule = boardRule(definition, round.definition);
  if (rule.ladder)
    for await (const ids of entrantChunks(ctx.db, roundId))
      for (const id of ids) await replayLadder(ctx, roundId, id);

  await ctx.db.transaction(async (tx) => {
    const done = await concludeRound(ctx, tx, roundId, async () => {
      for await (const ids of entrantChunks(tx, roundId)) await syncEntrants(tx, rule, roundId, ids, false);
      const sorted = await finalStandings(tx, roundId);
      return survivorsOf(sorted, round.definition.survivors, orderOf(definition.metric));
    });
    if (!done) return;
    if (done.advanced) await markSurvivors(tx, roundId, done.advanced);
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
