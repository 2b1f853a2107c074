import { DomainError } from "@podium/shared";
import { lockRound, recordChange, stopUnlessEnding } from "../../competitions/index.ts";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { liveSessions, lockRejudging, type RejudgingRow, updateRejudging } from "./store.ts";
import { tellChanged } from "./tell-changed.ts";

/** Drops a rejudging that was not applied: nothing that anybody saw has changed. @throws DomainError `conflict` */
export async function cancelRejudging(ctx: Context, tx: Tx, known: RejudgingRow): Promise<void> {
  await lockRound(tx, known.roundId);
  const rejudging = await lockRejudging(tx, known.id);
  if (rejudging?.state !== "scoring" && rejudging?.state !== "ready")
    throw new DomainError(
      "conflict",
      `This rejudging is ${rejudging?.state ?? "gone"}: it can't be cancelled.`,
    );
  await endCancelled(ctx, tx, rejudging);
}

/** The round and the rejudging are locked. @param why  where nobody asked for it */
export async function endCancelled(
  ctx: Context,
  tx: Tx,
  rejudging: RejudgingRow,
  why?: string,
): Promise<void> {
  const { id, competitionId, roundId } = rejudging;
  await updateRejudging(tx, id, { state: "cancelled", endedAt: ctx.clock.now() });
  for (const session of await liveSessions(tx, id))
    await stopUnlessEnding(ctx, tx, session, "the rejudging was cancelled");
  const change = { competitionId, roundId, action: "rejudging_cancelled", details: { rejudging: id } };
  await recordChange(ctx, tx, { ...change, reason: why });
  await tellChanged(ctx, tx, rejudging);
}
