import type { ForgetContest } from "../competitions/index.ts";
import { deleteScores } from "./store.ts";

/** Forgets all scores of a rehearsal, and its rejudgings. */
export const forgetScores: ForgetContest = (tx, competitionId) => deleteScores(tx, competitionId);
