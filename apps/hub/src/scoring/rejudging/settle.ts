import type { Id } from "@podium/shared";
import { findCompetition, lockRound, recordChange, updateRound } from "../../competitions/index.ts";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { judgingOf, scorerVersion } from "../judging.ts";
import { endCancelled } from "./cancel.ts";
import {
  findRejudging,
  lockRejudging,
  progressOf,
  type RejudgingRow,
  swapScores,
  takeIn,
  updateRejudging,
} from "./store.ts";
import { tellChanged } from "./tell-changed.ts";

/**
 * Ends the scoring of a rejudging once none of its submissions is pending: it is ready, or, where that was asked for,
 * applied. Under the round's lock, which a live submission is scored under too: what was scored meanwhile by the old
 * rules is taken in first, and nothing can be scored by them after.
 */
export async function settleRejudging(ctx: Context, rejudgingId: string): Promise<void> {
  const known = await findRejudging(ctx.db, rejudgingId);
  if (known?.state !== "scoring") return;
  await ctx.db.transaction(async (tx) => {
    const round = await lockRound(tx, known.roundId);
    const rejudging = await lockRejudging(tx, rejudgingId);
    if (!round || rejudging?.state !== "scoring") return;
    const { pending } = await progressOf(tx, rejudgingId);
    if (pending > 0) return;
    if (!rejudging.applyRequestedAt) {
      await updateRejudging(tx, rejudgingId, { state: "ready" });
      return tellChanged(ctx, tx, rejudging);
    }
    await applyOrGoOn(ctx, tx, rejudging);
  });
}

/**
 * Swaps the scores, in one transaction, or takes in what lacks one and calls for it. The round and the rejudging are
 * locked, and none of its submissions is pending.
 */
export async function applyOrGoOn(ctx: Context, tx: Tx, rejudging: RejudgingRow): Promise<void> {
  const { id, roundId, competitionId } = rejudging;
  const applyRequestedAt = rejudging.applyRequestedAt ?? ctx.clock.now();
  if ((await takeIn(tx, rejudging)) > 0) {
    await updateRejudging(tx, id, { state: "scoring", applyRequestedAt });
    return emit(ctx, tx, { type: "rejudging.due", rejudging_id: id as Id<"rejudging"> });
  }
  const round = await lockRound(tx, roundId);
  const found = await findCompetition(tx, { id: competitionId });
  if (!round || !found) throw new Error(`Rejudging ${id} names rows that are gone.`);
  const trees = { labelsTree: rejudging.labelsTree ?? round.labelsTree, scorerTree: rejudging.scorerTree };
  const { definition } = found.competition;
  if (
    scorerVersion(judgingOf({ definition, round: { ...round, ...trees } }, false)) !== rejudging.scorerVersion
  )
    return endCancelled(ctx, tx, rejudging, "The contest's columns or splits were changed meanwhile.");
  await swapScores(tx, rejudging);
  await updateRound(tx, roundId, trees);
  await updateRejudging(tx, id, { state: "applied", applyRequestedAt, endedAt: ctx.clock.now() });
  const details = { rejudging: id, ...(await progressOf(tx, id)) };
  await recordChange(ctx, tx, {
    competitionId,
    roundId,
    action: "rejudged",
    reason: rejudging.reason,
    details,
  });
  await tellChanged(ctx, tx, rejudging);
}
