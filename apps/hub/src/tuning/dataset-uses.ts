import type { FindUses } from "../data/index.ts";
import { countStudiesMounting } from "./store.ts";

/** Studies that go on and whose trials mount what is to be removed. */
export const studiesUsing: FindUses = async (_ctx, tx, removal) => {
  const count = await countStudiesMounting(tx, removal.datasetId, removal.version);
  if (count === 0) return [];
  return [count === 1 ? "1 study that mounts it goes on" : `${count} studies that mount it go on`];
};
