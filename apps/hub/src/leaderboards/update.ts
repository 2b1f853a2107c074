import { type Id, orderOf } from "@podium/shared";
import { findCompetition, findSubmission } from "../competitions/index.ts";
import type { Context } from "../platform/context.ts";
import { emit } from "../platform/outbox.ts";
import { lockStanding, standings, writeStanding } from "./store.ts";

/** Brings an entrant's row up to date from its submissions. Any order and number of calls ends in the same row. */
export async function updateStanding(ctx: Context, submissionId: string): Promise<void> {
  const submission = await findSubmission(ctx.db, { id: submissionId });
  const found = submission ? await findCompetition(ctx.db, { id: submission.competitionId }) : null;
  if (!submission || !found) return;
  const order = orderOf(found.competition.definition.metric);
  await ctx.db.transaction(async (tx) => {
    await lockStanding(tx, submission.entrantId);
    const [standing] = await standings(tx, submission.roundId, order, submission.entrantId);
    if (!standing) return;
    await writeStanding(tx, submission.roundId, standing);
    await emit(ctx, tx, {
      type: "leaderboard.changed",
      competition_id: submission.competitionId as Id<"competition">,
      round_id: submission.roundId as Id<"round">,
    });
  });
}
