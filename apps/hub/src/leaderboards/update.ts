import type { Id } from "@podium/shared";
import { type BoardRule, boardRule } from "@podium/shared/boards/board-rule";
import { findCompetition, findRound, findSubmission } from "../competitions/index.ts";
import type { Context } from "../platform/context.ts";
import { commitLazily, type Tx } from "../platform/database.ts";
import { emit } from "../platform/outbox.ts";
import { countsFor } from "./counting/store.ts";
import { replayLadder } from "./ladder/replay.ts";
import { differences, lockStandings, writeDifferences } from "./store.ts";
import { settleSurvivors } from "./survivors/settle.ts";

/**
 * Brings an entrant's rows up to date from its submissions, after one of them was scored or selected. Any order and
 * number of calls ends in the same rows.
 */
export async function updateStanding(ctx: Context, submissionId: string): Promise<void> {
  const submission = await findSubmission(ctx.db, { id: submissionId });
  // A trial run, and what is still under way, is on no board.
  if (submission?.state !== "scored" || submission.trial) return;
  await updateEntrant(ctx, submission);
}

/** Brings an entrant's rows of one round up to date. @param resets  the past is another one, too */
export async function updateEntrant(
  ctx: Context,
  of: { competitionId: string; roundId: string; entrantId: string },
  resets = false,
): Promise<void> {
  const found = await findCompetition(ctx.db, { id: of.competitionId });
  const round = await findRound(ctx.db, { id: of.roundId });
  if (!found || !round) return;
  const rule = boardRule(found.competition.definition, round.definition);
  if (rule.ladder) await replayLadder(ctx, of.roundId, of.entrantId);
  await ctx.db.transaction(async (tx) => {
    // The job that asked for it is done again, should this be lost.
    if (!resets) await commitLazily(tx);
    if (!(await syncEntrants(tx, rule, of.roundId, [of.entrantId], resets))) return;
    if (resets) await settleSurvivors(tx, found.competition, round);
    await emit(ctx, tx, {
      type: "leaderboard.changed",
      competition_id: of.competitionId as Id<"competition">,
      round_id: of.roundId as Id<"round">,
    });
  });
}

/** Makes the stored rows of these entrants what their submissions give. @returns false when they were that already */
export async function syncEntrants(
  tx: Tx,
  rule: BoardRule,
  roundId: string,
  entrantIds: readonly string[],
  resets: boolean,
): Promise<boolean> {
  await lockStandings(tx, entrantIds);
  const found = await differences(tx, roundId, await countsFor(tx, rule, roundId, entrantIds));
  await writeDifferences(tx, roundId, found, resets);
  return found.length > 0;
}
