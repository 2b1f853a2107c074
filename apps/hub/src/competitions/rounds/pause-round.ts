import { DomainError, type Id } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { recordChange } from "../history/record-change.ts";
import { lockRound, type RoundRow, updateRound } from "../store.ts";

interface Input {
  roundId: string;
  /** in the organizer's words, for the contest's history */
  reason?: string | undefined;
}

/**
 * Stops an open round for a while: nothing is accepted and its clock stands, so that its closing time can't come. What
 * was accepted before goes on.
 * @throws DomainError `conflict` when it is not open, is paused already, or its closing time has come
 */
export async function pauseRound(ctx: Context, tx: Tx, { roundId, reason }: Input): Promise<void> {
  const round = await openRoundOf(tx, roundId, "paused");
  const now = ctx.clock.now();
  if (round.pausedAt)
    throw new DomainError("conflict", `This round is paused already, since ${round.pausedAt.toISOString()}.`);
  if (round.closesAt && round.closesAt <= now)
    throw new DomainError(
      "conflict",
      "The closing time of this round has come: it is closing and can't be paused.",
    );
  await updateRound(tx, round.id, { pausedAt: now });
  const closes_at = round.closesAt?.toISOString() ?? null;
  await tell(ctx, tx, round, { action: "paused", reason, details: { closes_at } });
}

/**
 * Lets a paused round go on; it closes later by as long as it was paused.
 * @throws DomainError `conflict` when it is not paused
 */
export async function resumeRound(ctx: Context, tx: Tx, { roundId, reason }: Input): Promise<void> {
  const round = await openRoundOf(tx, roundId, "resumed");
  if (!round.pausedAt)
    throw new DomainError("conflict", "This round is not paused: it is open, and its clock runs.");
  const pausedMs = ctx.clock.now().getTime() - round.pausedAt.getTime();
  const closesAt = round.closesAt && new Date(round.closesAt.getTime() + pausedMs);
  await updateRound(tx, round.id, { pausedAt: null, closesAt });
  const details = {
    paused_seconds: Math.round(pausedMs / 1000),
    closes_at: { before: round.closesAt?.toISOString() ?? null, after: closesAt?.toISOString() ?? null },
  };
  await tell(ctx, tx, round, { action: "resumed", reason, details });
}

async function openRoundOf(tx: Tx, roundId: string, deed: string): Promise<RoundRow> {
  const round = await lockRound(tx, roundId);
  if (round?.state === "open") return round;
  throw new DomainError(
    "conflict",
    `This round is ${round?.state ?? "gone"}: only an open round can be ${deed}.`,
  );
}

/** Writes the deed into the contest's history, and says that the round is another than it was. */
async function tell(
  ctx: Context,
  tx: Tx,
  { id, competitionId }: RoundRow,
  change: { action: string; reason?: string | undefined; details: Record<string, unknown> },
): Promise<void> {
  await recordChange(ctx, tx, { competitionId, roundId: id, ...change });
  await emit(ctx, tx, {
    type: "round.changed",
    competition_id: competitionId as Id<"competition">,
    round_id: id as Id<"round">,
  });
}
