import type { ForgetContest } from "../competitions/index.ts";
import { deleteBoards } from "./store.ts";

/** Forgets all boards of a rehearsal, with what was found out about its submissions. */
export const forgetBoards: ForgetContest = (tx, competitionId) => deleteBoards(tx, competitionId);
