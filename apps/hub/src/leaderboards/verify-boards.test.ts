import { expect, test } from "bun:test";
import { makeScored, newestChange, recomputed, spoilRow, storedBoard } from "../testing/boards.ts";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { verifyBoards } from "./verify-boards.ts";

test("boards that are as their submissions give are left alone; a fault is told and made good", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [1, 2, 3]);
    ctx.clock.advance(3_600_000);
    const right = await storedBoard(contest.organizer, contest.name);
    expect(await verifyBoards(ctx)).toBe(0);

    await spoilRow(ctx, contest.roundId, 0.001);
    expect(await verifyBoards(ctx)).toBe(6);
    expect(await storedBoard(contest.organizer, contest.name)).toEqual(right);
    const newest = await newestChange(ctx, contest.competitionId);
    expect(newest).toMatchObject({
      action: "leaderboard repaired",
      details: { rows: 6 },
      actorId: null,
    });
    const told = newest?.details["differences"] as { board: string; stored: { score?: number } }[];
    expect(told.find(({ board }) => board === "public")?.stored.score).toBe(0.001);
    expect(told.find(({ board }) => board === "private")?.stored.score).toBeUndefined();
    expect(await verifyBoards(ctx)).toBe(0);
  }));

test("what has just been scored may have an update under way, and is looked at the next night", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [1]);
    await spoilRow(ctx, contest.roundId, 5);
    expect(await verifyBoards(ctx)).toBe(0);
    ctx.clock.advance(3_600_000);
    expect(await verifyBoards(ctx)).toBe(2);
    expect(await storedBoard(contest.organizer, contest.name)).toEqual(
      await recomputed(contest.organizer, contest.name),
    );
  }));
