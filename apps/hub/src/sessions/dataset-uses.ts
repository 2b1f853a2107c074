import type { FindUses } from "../data/index.ts";
import { mayUseTeam } from "../platform/context.ts";
import { sessionsMounting } from "./files/store.ts";

const NAMED = 5;

/** Sessions that have not ended and mount what is to be removed. Those of other teams are counted, not named. */
export const sessionsUsing: FindUses = async (ctx, tx, removal) => {
  const found = await sessionsMounting(tx, removal.datasetId, removal.version);
  if (found.length === 0) return [];
  const own = found.filter(({ teamId }) => mayUseTeam(ctx, teamId)).map(({ name }) => name);
  const shown = own.slice(0, NAMED);
  const others = found.length - shown.length;
  if (others > 0) shown.push(others === 1 ? "1 other" : `${others} others`);
  return [`sessions that have not ended mount it (${shown.join(", ")})`];
};
