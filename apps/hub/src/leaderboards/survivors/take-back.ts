import type { Id } from "@podium/shared";
import { roundOfOrganizer, undoAdvance } from "../../competitions/index.ts";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { markSurvivors } from "../store.ts";

/** Takes a round's advance back: nobody has survived it yet. @throws DomainError `not_found`, `forbidden`, `conflict` */
export async function takeBackAdvance(
  ctx: Context,
  tx: Tx,
  input: { name: string; round: string; reason?: string | undefined },
): Promise<void> {
  const { competition, round } = await roundOfOrganizer(ctx, input.name, input.round);
  await undoAdvance(ctx, tx, round.id, { reason: input.reason });
  await markSurvivors(tx, round.id, null);
  await emit(ctx, tx, {
    type: "leaderboard.changed",
    competition_id: competition.id as Id<"competition">,
    round_id: round.id as Id<"round">,
  });
}
