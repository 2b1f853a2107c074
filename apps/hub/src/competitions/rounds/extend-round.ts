import { DomainError, type Id } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { recordChange } from "../history/record-change.ts";
import { lockRound, updateRound } from "../store.ts";

interface Input {
  roundId: string;
  closesAt: Date;
  reason?: string | undefined;
}

/**
 * Sets a later closing time of a round that has not closed. A paused one is extended as it stands: the pause is added
 * when it goes on.
 * @throws DomainError `conflict` when the round is closing or closed, is closed by hand, or the time is not later
 */
export async function extendRound(ctx: Context, tx: Tx, { roundId, closesAt, reason }: Input): Promise<void> {
  const round = await lockRound(tx, roundId);
  if (!round || round.state === "closing" || round.state === "closed")
    throw new DomainError(
      "conflict",
      `This round is ${round?.state ?? "gone"}: what has closed is not opened again.`,
    );
  if (!round.closesAt)
    throw new DomainError(
      "conflict",
      "This round has no closing time: it stays open until you close it by hand.",
    );
  if (closesAt <= round.closesAt)
    throw new DomainError(
      "conflict",
      `This round closes at ${round.closesAt.toISOString()}; a time of ${closesAt.toISOString()} is not later. Close it by hand to end it sooner.`,
    );
  if (closesAt <= ctx.clock.now())
    throw new DomainError("conflict", `${closesAt.toISOString()} is over: name a time to come.`);
  await updateRound(tx, round.id, { closesAt });
  const { id, competitionId } = round;
  const details = { closes_at: { before: round.closesAt.toISOString(), after: closesAt.toISOString() } };
  await recordChange(ctx, tx, { competitionId, roundId: id, action: "extended", reason, details });
  await emit(ctx, tx, {
    type: "round.changed",
    competition_id: competitionId as Id<"competition">,
    round_id: id as Id<"round">,
  });
}
