import { expect, test } from "bun:test";
import { boardFor, makeScored } from "../../testing/boards.ts";
import { systemContext } from "../../testing/context.ts";
import { outboxTypes, withRollback } from "../../testing/database.ts";
import { storeLosses } from "../../testing/losses.ts";
import { computeDueIntervals } from "./compute.ts";

test("intervals are worked out for who has losses, shown on the board, and made anew only after a change", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [1, 2, 3], {
      round: { survivors: { top: 1 } },
      definition: { leaderboard: { intervals: true } },
    });
    for (const [index, losses] of [
      [1, 1, 1, 1],
      [2, 2, 2, 2],
    ].entries())
      await storeLosses(contest.organizer, contest.made[index]?.id ?? "", index + 1, losses);
    await computeDueIntervals(ctx);
    const { rows } = await boardFor(contest.organizer, contest.name);
    expect(rows.map(({ interval }) => interval)).toEqual([
      { low: 1, high: 1, chance: 1 },
      { low: 2, high: 2, chance: 0 },
      null,
    ]);
    const told = await outboxTypes(db);
    await computeDueIntervals(ctx);
    expect(await outboxTypes(db)).toEqual(told);
  }));
