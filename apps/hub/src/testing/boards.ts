import { Boards } from "../leaderboards/boards.ts";
import { type BoardQuery, readBoard } from "../leaderboards/read.ts";
import { recomputedBoard } from "../leaderboards/recompute.ts";
import type { TestContext } from "./context.ts";
import type { Member } from "./factories.ts";

/** What a hub keeps of boards in memory: one for all tests of a file, as one hub serves many contests. */
const boards = new Boards();

/** A round's board as somebody sees it, all of it. */
export function boardFor(viewer: TestContext, name: string, query: Partial<BoardQuery> & { round?: string } = {}) {
  const { round = "round-1", ...rest } = query;
  return readBoard(viewer, boards, name, round, { limit: 200, ...rest });
}

/** The organizer's board, without what nobody can recompute: whose it is. */
export async function storedBoard(organizer: Member, name: string, board?: "public" | "private") {
  return { ...(await boardFor(organizer, name, { board })), own: [] };
}

/** The same worked out from submissions alone. */
export function recomputed(organizer: Member, name: string, board?: "public" | "private") {
  return recomputedBoard(organizer, name, "round-1", { board });
}
