import { and, eq } from "drizzle-orm";
import type { Tx } from "../../platform/database.ts";
import { entrants } from "../schema.ts";

/** What `advanceEntrants` did from round `number` on, taken back: who went on and who was out are in it again. */
export async function returnEntrants(tx: Tx, competitionId: string, number: number): Promise<void> {
  const inRound = (round: number) =>
    and(eq(entrants.competitionId, competitionId), eq(entrants.round, round));
  // Out in an earlier round are those that reached no more than that one.
  await tx
    .update(entrants)
    .set({ state: "active" })
    .where(and(inRound(number), eq(entrants.state, "eliminated")));
  await tx
    .update(entrants)
    .set({ round: number })
    .where(inRound(number + 1));
}
