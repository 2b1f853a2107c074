import { expect, test } from "bun:test";
import { makeScored } from "../../testing/boards.ts";
import { systemContext } from "../../testing/context.ts";
import { outboxTypes, withRollback } from "../../testing/database.ts";
import { listChanges } from "../history/store.ts";
import { findRound } from "../store.ts";
import { revealRound } from "./reveal-round.ts";

const BY_HAND = { definition: { leaderboard: { reveal: "by_hand" } } };

test("a final board is revealed from below, step by step, to the first place", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [1, 2, 3], BY_HAND);
    const reveal = (untilRank?: number) =>
      db.transaction((tx) => revealRound(ctx, tx, contest.roundId, { untilRank }));
    await expect(reveal()).rejects.toThrow("is open");
    await contest.close();
    await reveal(3);
    expect(await findRound(db, { id: contest.roundId })).toMatchObject({ revealedRank: 3, revealedAt: null });
    await expect(reveal(3)).rejects.toThrow("a smaller rank");
    await reveal(2);
    await reveal();
    expect(await findRound(db, { id: contest.roundId })).toMatchObject({
      revealedRank: null,
      revealedAt: ctx.clock.now(),
    });
    await expect(reveal()).rejects.toThrow("already");
    const changes = await listChanges(db, contest.competitionId, 3, undefined);
    expect(changes.map(({ change }) => [change.action, change.details])).toEqual([
      ["revealed", {}],
      ["revealed", { until_rank: 2 }],
      ["revealed", { until_rank: 3 }],
    ]);
    expect((await outboxTypes(db)).filter((type) => type === "round.changed")).toHaveLength(3);
  }));
