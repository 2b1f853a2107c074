import type { FindSessionUses } from "../../sessions/index.ts";
import type { FindCheckpointUses } from "../../tracking/index.ts";
import { submissionsOfSession } from "../store.ts";

const NAMED = 3;

/** Submissions of a session's checkpoints, and the one that it predicted for: their entrants and boards show them. */
export const submissionsNaming: FindSessionUses = async (tx, sessionId) =>
  inWords(await submissionsOfSession(tx, sessionId));

/** Submissions of one checkpoint. */
export const submissionsOfCheckpoint: FindCheckpointUses = async (tx, sessionId, checkpoint) =>
  inWords(await submissionsOfSession(tx, sessionId, checkpoint));

function inWords(found: Awaited<ReturnType<typeof submissionsOfSession>>): string[] {
  if (found.length === 0) return [];
  const shown = found
    .slice(0, NAMED)
    .map(({ number, competition, round }) => `${number} to ${round} of ${competition}`);
  if (found.length > NAMED) shown.push(`${found.length - NAMED} more`);
  return [`it was submitted (${shown.join(", ")})`];
}
