import type { FindUses } from "../../data/index.ts";
import { roundsWithDataset } from "../store.ts";

/** Rounds whose training data the dataset is, over or not: their entrants' sessions, and re-runs of them, mount it. */
export const roundsUsing: FindUses = async (_ctx, tx, removal) => {
  const found = await roundsWithDataset(tx, removal.datasetId);
  return found.map(
    ({ competition, round }) => `it is the data of ${round} of the competition "${competition}"`,
  );
};
