import type { Id } from "@podium/shared";
import { lockRound } from "../../competitions/index.ts";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { oneByOne } from "../../platform/one-by-one.ts";
import { emit } from "../../platform/outbox.ts";
import { endCancelled } from "./cancel.ts";
import { lockRejudging, progressOf, type RejudgingRow, stoodStill, updateRejudging } from "./store.ts";

/** Longer than scoring one submission takes: what moved nothing for so long has lost its job, or fails each time. */
const STILL_MS = 15 * 60_000;
/** So often in a row it is called for; then it is dropped, with the reason, for an organizer to start anew. */
export const MOST_CALLS = 8;

/**
 * Takes up rejudgings that score and whose job has died, again and again for two hours; then they are dropped, which
 * changes nothing that anybody saw, so that none stays under way for ever.
 */
export async function callRejudgingsAgain(ctx: Context): Promise<void> {
  const since = new Date(ctx.clock.now().getTime() - STILL_MS);
  await oneByOne(ctx, await stoodStill(ctx.db, since), "taking up rejudgings", (known) =>
    ctx.db.transaction((tx) => callAgain(ctx, tx, known)),
  );
}

async function callAgain(ctx: Context, tx: Tx, known: RejudgingRow): Promise<void> {
  await lockRound(tx, known.roundId);
  const rejudging = await lockRejudging(tx, known.id);
  const isStill =
    rejudging?.calls === known.calls && rejudging.movedAt?.getTime() === known.movedAt?.getTime();
  if (rejudging?.state !== "scoring" || !isStill) return;
  const { id, calls } = rejudging;
  if (calls < MOST_CALLS) {
    ctx.log.warn({ rejudging: id, calls }, "a rejudging stood still and is called for again");
    await updateRejudging(tx, id, { calls: calls + 1, calledAt: ctx.clock.now() });
    return emit(ctx, tx, { type: "rejudging.due", rejudging_id: id as Id<"rejudging"> });
  }
  const { pending, scored, failed } = await progressOf(tx, id);
  ctx.log.error({ rejudging: id, pending }, "a rejudging was dropped: its submissions can't be scored");
  const why = `It was dropped by Podium: ${pending} of ${pending + scored + failed} submissions could not be scored again in ${calls} tries. The hub's log has the cause; tell its operator, then start anew.`;
  await endCancelled(ctx, tx, rejudging, why);
}
