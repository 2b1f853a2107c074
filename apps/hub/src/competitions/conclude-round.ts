import type { Id } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { emit } from "../platform/outbox.ts";
import { openRound } from "./open-round.ts";
import { advanceEntrants, countUnderWay, listRounds, lockEntrants, lockRound, updateRound } from "./store.ts";

/**
 * Ends a closing round when nothing of it is under way: its survivors enter the next round, which opens now
 * unless it has a later time; all in the caller's transaction.
 * @param decideSurvivors  called under the round's lock; gives the surviving entrants
 * @returns false when the round is not closing, or submissions are still under way
 */
export async function concludeRound(
  ctx: Context,
  tx: Tx,
  roundId: string,
  decideSurvivors: (roundId: string) => Promise<string[]>,
): Promise<boolean> {
  const round = await lockRound(tx, roundId);
  if (round?.state !== "closing" || (await countUnderWay(tx, roundId)) > 0) return false;
  await lockEntrants(tx, round.competitionId);
  const now = ctx.clock.now();
  const survivors = await decideSurvivors(roundId);
  await updateRound(tx, roundId, { state: "closed", closedAt: now });
  const next = (await listRounds(tx, round.competitionId)).find((each) => each.number === round.number + 1);
  if (next) {
    const everybody = "all" in round.definition.survivors;
    await advanceEntrants(tx, round.competitionId, next.number, everybody ? null : survivors);
    if (!next.opensAt || next.opensAt <= now) await openRound(ctx, tx, next);
  }
  await emit(ctx, tx, {
    type: "round.closed",
    competition_id: round.competitionId as Id<"competition">,
    round_id: round.id as Id<"round">,
  });
  return true;
}
