import { DomainError, type Id } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { recordChange } from "../history/record-change.ts";
import { listRounds, lockEntrants, lockRound, type RoundRow, updateRound } from "../store.ts";
import { returnEntrants } from "./store.ts";

/**
 * Takes an advance back, as long as the next round has not opened: who was in the round is in it again. Afterwards
 * the survivors advance when the organizer says so.
 * @throws DomainError `conflict` when there is nothing to take back, or it is too late
 */
export async function undoAdvance(
  ctx: Context,
  tx: Tx,
  roundId: string,
  input: { reason?: string | undefined },
): Promise<void> {
  const round = await lockRound(tx, roundId);
  const next = round
    ? (await listRounds(tx, round.competitionId)).find((each) => each.number === round.number + 1)
    : undefined;
  // Locked after the round before it, as the advance does: it can't open meanwhile.
  const locked = next ? await lockRound(tx, next.id) : null;
  const why = round ? whyNotUndoable(round, locked) : "This round is gone.";
  if (!round || why !== null) throw new DomainError("conflict", why ?? "");
  await lockEntrants(tx, round.competitionId);
  await returnEntrants(tx, round.competitionId, round.number);
  await updateRound(tx, round.id, { advancedAt: null });
  await recordChange(ctx, tx, {
    competitionId: round.competitionId,
    roundId,
    action: "advance undone",
    reason: input.reason,
  });
  await emit(ctx, tx, {
    type: "round.changed",
    competition_id: round.competitionId as Id<"competition">,
    round_id: round.id as Id<"round">,
  });
}

/** Why a round's advance can't be taken back; null when it can. */
export function whyNotUndoable(round: RoundRow, next: RoundRow | null): string | null {
  if (!round.advancedAt) return "Nobody has advanced from this round, so there is nothing to undo.";
  if (next === null || next.state === "upcoming") return null;
  return `The next round, "${next.name}", has opened and its data is out: the advance can't be undone any more. To have time for that, give it opens_at, or set advance: by_hand.`;
}
