import { grantDataset } from "../../data/index.ts";
import type { Tx } from "../../platform/database.ts";
import type { RoundRow } from "../store.ts";

/** Lets a team read the data of all rounds that have opened, up to the one that its entrant has reached. */
export async function grantOpened(
  tx: Tx,
  rounds: readonly RoundRow[],
  to: { teamId: string; round: number },
  now: Date,
): Promise<void> {
  for (const { state, number, datasetId } of rounds)
    if (state !== "upcoming" && number <= to.round) await grantDataset(tx, datasetId, [to.teamId], now);
}
