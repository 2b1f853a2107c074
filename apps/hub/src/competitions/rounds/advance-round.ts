import { DomainError, type Id } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { recordChange } from "../history/record-change.ts";
import {
  advanceEntrants,
  listRounds,
  lockEntrants,
  lockRound,
  type RoundRow,
  updateRound,
} from "../store.ts";
import { openRound } from "./open-round.ts";

/**
 * Lets a closed round's survivors enter the next, which opens now unless it has a later time: all of it or nothing,
 * in the caller's transaction.
 * @param decideSurvivors  called under the round's and its entrants' locks
 * @throws DomainError `conflict` before the round is closed, and when they have advanced already
 */
export async function advanceRound(
  ctx: Context,
  tx: Tx,
  roundId: string,
  input: { reason?: string | undefined; decideSurvivors: () => Promise<string[]> },
): Promise<void> {
  const round = await lockRound(tx, roundId);
  if (round?.state !== "closed")
    throw new DomainError(
      "conflict",
      `This round is ${round?.state ?? "gone"}: its survivors are known once it has closed and all of it is scored.`,
    );
  if (round.advancedAt)
    throw new DomainError("conflict", "The survivors of this round have advanced already.");
  await lockEntrants(tx, round.competitionId);
  const survivors = await input.decideSurvivors();
  await enterNextRound(ctx, tx, round, survivors);
  await recordChange(ctx, tx, {
    competitionId: round.competitionId,
    roundId,
    action: "advanced",
    reason: input.reason,
    details: { rule: round.definition.survivors, survivors: survivors.length },
  });
  await emit(ctx, tx, {
    type: "round.changed",
    competition_id: round.competitionId as Id<"competition">,
    round_id: round.id as Id<"round">,
  });
}

/** Survivors enter the next round, everybody else is out; it opens, and hands out its data, when its time has come. */
export async function enterNextRound(
  ctx: Context,
  tx: Tx,
  round: RoundRow,
  survivors: readonly string[],
): Promise<void> {
  const now = ctx.clock.now();
  await updateRound(tx, round.id, { advancedAt: now });
  const next = (await listRounds(tx, round.competitionId)).find((each) => each.number === round.number + 1);
  if (!next) return;
  const everybody = "all" in round.definition.survivors;
  await advanceEntrants(tx, round.competitionId, next.number, everybody ? null : survivors);
  if (!next.opensAt || next.opensAt <= now) await openRound(ctx, tx, next);
}
