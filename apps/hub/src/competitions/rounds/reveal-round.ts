import { DomainError, type Id } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { recordChange } from "../history/record-change.ts";
import { lockRound, updateRound } from "../store.ts";

/**
 * Shows a closed round's final board to all: from the last place up to a rank, or all of it.
 * @param untilRank  the best rank that is shown from now on; omitted or 1: the whole board
 * @throws DomainError `conflict` before the round is closed, and for what is shown already
 */
export async function revealRound(
  ctx: Context,
  tx: Tx,
  roundId: string,
  { untilRank = 1 }: { untilRank?: number | undefined },
): Promise<void> {
  const round = await lockRound(tx, roundId);
  if (round?.state !== "closed")
    throw new DomainError(
      "conflict",
      `This round is ${round?.state ?? "gone"}: its final board is known once it has closed and all of it is scored.`,
    );
  if (round.revealedAt) throw new DomainError("conflict", "The final board is shown to all already.");
  if (round.revealedRank !== null && untilRank >= round.revealedRank)
    throw new DomainError(
      "conflict",
      `The final board is shown from rank ${round.revealedRank} down already: the next step is a smaller rank.`,
    );
  const whole = untilRank === 1;
  await updateRound(tx, round.id, {
    revealedRank: whole ? null : untilRank,
    ...(whole ? { revealedAt: ctx.clock.now() } : {}),
  });
  const at = {
    competition_id: round.competitionId as Id<"competition">,
    round_id: round.id as Id<"round">,
  };
  await recordChange(ctx, tx, {
    competitionId: round.competitionId,
    roundId,
    action: "revealed",
    details: whole ? {} : { until_rank: untilRank },
  });
  await emit(ctx, tx, { type: "round.changed", ...at });
}
