import type { Id } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import type { EntrantRow } from "../store.ts";

/** Has an entrant's team told that it was excluded, or let in again. @param change  the line in the contest's history */
export async function emitJudged(
  ctx: Context,
  tx: Tx,
  { teamId }: Pick<EntrantRow, "teamId">,
  change: Id<"competitionChange">,
): Promise<void> {
  await emit(ctx, tx, { type: "entrant.judged", change_id: change, team_id: teamId as Id<"team"> });
}
