import type { Id } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import type { RejudgingRow } from "./store.ts";

/** Boards are worked out anew where it was applied; its organizer's page shows the new state. */
export function tellChanged(ctx: Context, tx: Tx, rejudging: RejudgingRow): Promise<void> {
  return emit(ctx, tx, {
    type: "rejudging.changed",
    competition_id: rejudging.competitionId as Id<"competition">,
    round_id: rejudging.roundId as Id<"round">,
    rejudging_id: rejudging.id as Id<"rejudging">,
  });
}
