import type { ForgetContest } from "./competitions/index.ts";
import { forgetBoards } from "./leaderboards/index.ts";
import { forgetScores } from "./scoring/index.ts";

/** All that lies after competitions and names them: boards name scores' submissions, so they go first. */
export const FORGET_CONTEST: readonly ForgetContest[] = [forgetBoards, forgetScores];
