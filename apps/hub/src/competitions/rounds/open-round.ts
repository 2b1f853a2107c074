import type { Id } from "@podium/shared";
import { grantDataset } from "../../data/index.ts";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { activeTeams, lockRound, type RoundRow, updateRound } from "../store.ts";

/** Opens a round once: its entrants may read its training data from now on, and submit. */
export async function openRound(ctx: Context, tx: Tx, round: RoundRow): Promise<void> {
  const current = await lockRound(tx, round.id);
  if (current?.state !== "upcoming") return;
  const now = ctx.clock.now();
  await updateRound(tx, round.id, { state: "open", openedAt: now });
  await grantDataset(tx, round.datasetId, await activeTeams(tx, round.competitionId, round.number), now);
  await emit(ctx, tx, {
    type: "round.opened",
    competition_id: round.competitionId as Id<"competition">,
    round_id: round.id as Id<"round">,
  });
}
