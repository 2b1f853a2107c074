import type { FindSessionUses } from "../sessions/index.ts";
import { findStudy, findTrial } from "./store.ts";

/** The study that a session is a trial of, while it still looks at its trials. */
export const studiesTrying: FindSessionUses = async (tx, sessionId) => {
  const trial = await findTrial(tx, sessionId);
  const found = trial ? await findStudy(tx, trial.studyId) : null;
  if (!trial || found?.study.state !== "running") return [];
  return [`it is trial ${trial.number} of a study that runs (${trial.studyId})`];
};
