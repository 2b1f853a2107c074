import type { Id } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";

/** Tells that an entrant is another: it has come or gone, or has agreed to something. */
export async function emitChanged(
  ctx: Context,
  tx: Tx,
  entrant: { id: string; competitionId: string },
): Promise<void> {
  await emit(ctx, tx, {
    type: "entrant.changed",
    competition_id: entrant.competitionId as Id<"competition">,
    entrant_id: entrant.id as Id<"entrant">,
  });
}
