import { listRounds } from "../competitions/index.ts";
import type { Context } from "../platform/context.ts";
import { findEntrantById } from "./store.ts";
import { updateEntrant } from "./update.ts";

/**
 * Puts an entrant on the boards or takes it off, after it was banned, let in again, withdrew or merged. Its rows go,
 * and the others' ranks close up; in rounds that are over, too.
 */
export async function followEntrant(ctx: Context, entrantId: string): Promise<void> {
  const entrant = await findEntrantById(ctx.db, entrantId);
  if (!entrant) return;
  const { competitionId } = entrant;
  for (const round of await listRounds(ctx.db, competitionId))
    await updateEntrant(ctx, { competitionId, roundId: round.id, entrantId }, true);
}
