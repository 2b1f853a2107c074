import { expect, test } from "bun:test";
import { makeScored, recomputed, spoilRow, storedBoard } from "../testing/boards.ts";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { recomputedBoard } from "./recompute.ts";

test("the board is worked out from submissions alone: no stored row is looked at", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [1, 2, 3], { rounds: 2, round: { survivors: { top: 2 } } });
    await contest.close();
    const board = await storedBoard(contest.organizer, contest.name);
    expect(board.rows.map(({ survives }) => survives)).toEqual([true, true, false]);
    expect<object>(await recomputed(contest.organizer, contest.name)).toEqual(board);
    await spoilRow(ctx, contest.roundId, 0);
    expect<object>(await recomputed(contest.organizer, contest.name)).toEqual(board);
    const [player] = contest.members;
    if (!player) throw new Error("no player");
    await expect(recomputedBoard(player, contest.name, "round-1")).rejects.toMatchObject({
      code: "forbidden",
    });
  }));
