import type { FindSessionUses } from "../sessions/index.ts";
import { submissionsOfSession } from "./store.ts";

const NAMED = 3;

/** Submissions of a session's checkpoints, and the one that it predicted for: their entrants and boards show them. */
export const submissionsNaming: FindSessionUses = async (tx, sessionId) => {
  const found = await submissionsOfSession(tx, sessionId);
  if (found.length === 0) return [];
  const shown = found
    .slice(0, NAMED)
    .map(({ number, competition, round }) => `${number} to ${round} of ${competition}`);
  if (found.length > NAMED) shown.push(`${found.length - NAMED} more`);
  return [`it was submitted (${shown.join(", ")})`];
};
