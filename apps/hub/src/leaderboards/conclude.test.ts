import { expect, test } from "bun:test";
import { closeRound, findRound } from "../competitions/index.ts";
import { recomputed, storedBoard } from "../testing/boards.ts";
import { systemContext, type TestContext } from "../testing/context.ts";
import { outboxTypes, withDatabase, withRollback } from "../testing/database.ts";
import { type Member, makeCompetition, makeEntrant } from "../testing/factories.ts";
import { fail, score, submitFile } from "../testing/submissions.ts";
import { conclude, concludeDue } from "./conclude.ts";
import { updateStanding } from "./update.ts";

/** A contest of two rounds in which each entrant has the score of its place here. */
async function makeContest(ctx: TestContext, scores: readonly number[], survivors: unknown = { all: true }) {
  const { name, organizer } = await makeCompetition(ctx, { rounds: 2, round: { survivors } });
  const entrants: Member[] = [];
  const roundIds: string[] = [];
  for (const value of scores) {
    const entrant = await makeEntrant(ctx, name);
    const submission = await submitFile(entrant, name);
    await score(ctx, submission, value);
    entrants.push(entrant);
    roundIds[0] = submission.roundId;
  }
  const roundId = roundIds[0] ?? "";
  const slugs = entrants.map(({ team }) => team.slug);
  return {
    name,
    organizer,
    entrants,
    roundId,
    close: () => ctx.db.transaction((tx) => closeRound(ctx, tx, roundId)),
    state: async () => (await findRound(ctx.db, { id: roundId }))?.state,
    board: () => storedBoard(organizer, name),
    recomputed: () => recomputed(organizer, name),
    /** places in `scores` of those that the board lets go on */
    survivors: async () =>
      (await storedBoard(organizer, name)).rows
        .filter((row) => row.survives)
        .map((row) => slugs.indexOf(row.entrant))
        .sort(),
    mayPlayOn: async (entrant: Member) =>
      submitFile(entrant, name).then(
        () => true,
        () => false,
      ),
  };
}

test("a round is concluded only once it is closing and nothing of it is under way", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeContest(ctx, [1, 2]);
    const [entrant] = contest.entrants as [Member];
    const [first, second] = [
      await submitFile(entrant, contest.name),
      await submitFile(entrant, contest.name),
    ];
    await conclude(ctx, contest.roundId);
    expect(await contest.state()).toBe("open");

    await contest.close();
    await conclude(ctx, contest.roundId);
    expect(await contest.state()).toBe("closing");
    await fail(ctx, first);
    await concludeDue(ctx);
    expect(await contest.state()).toBe("closing");
    await score(ctx, second, 0);
    await concludeDue(ctx);
    expect(await contest.state()).toBe("closed");
    expect((await contest.board()).rows[0]).toMatchObject({ score: 0, submissions: 2, survives: true });
  }));

test("the final board is complete although the live one has heard of nothing", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeContest(ctx, [3, 1, 2], { top: 2 });
    expect((await contest.board()).rows).toEqual([]);
    await contest.close();
    await conclude(ctx, contest.roundId);
    const board = await contest.board();
    expect(board.rows.map(({ rank, score: value, survives }) => [rank, value, survives])).toEqual([
      [1, 1, true],
      [2, 2, true],
      [3, 3, false],
    ]);
    expect(board).toEqual(await contest.recomputed());
  }));

test.each([
  ["the best two, and who ties with the second", [4, 2, 1, 2], { top: 2 }, [1, 2, 3]],
  ["half of them, rounded up", [5, 4, 3, 2, 1], { share: 0.5 }, [2, 3, 4]],
  ["a share whose last place is a tie", [1, 2, 2, 2], { share: 0.5 }, [0, 1, 2, 3]],
  ["everybody", [3, 2, 1], { all: true }, [0, 1, 2]],
] as const)("the round lets on %s; the others may submit no more", (_, scores, rule, expected) =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeContest(ctx, scores, rule);
    await contest.close();
    await conclude(ctx, contest.roundId);
    expect(await contest.survivors()).toEqual([...expected]);
    for (const [place, entrant] of contest.entrants.entries())
      expect(await contest.mayPlayOn(entrant)).toBe((expected as readonly number[]).includes(place));
  }),
);

test("who has no score does not survive, unless everybody does", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    for (const [rule, goesOn] of [
      [{ share: 1 }, false],
      [{ all: true }, true],
    ] as const) {
      const contest = await makeContest(ctx, [1], rule);
      const idle = await makeEntrant(ctx, contest.name);
      await contest.close();
      await conclude(ctx, contest.roundId);
      expect(await contest.mayPlayOn(idle)).toBe(goesOn);
      expect((await contest.board()).rows).toHaveLength(1);
    }
  }));

test("concluding again, and news that come late, leave the final board as it is", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeContest(ctx, [2, 1], { top: 1 });
    await contest.close();
    await conclude(ctx, contest.roundId);
    const board = await contest.board();
    const told = await outboxTypes(db);
    await conclude(ctx, contest.roundId);
    await conclude(ctx, ctx.ids.next("round"));
    await concludeDue(ctx);
    expect(await outboxTypes(db)).toEqual(told);
    for (const row of board.rows) await updateStanding(ctx, row.best_submission_id);
    expect(await contest.board()).toEqual(board);
  }));

test("concluded by several hubs at once, a round ends once", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const contest = await makeContest(ctx, [3, 2, 1], { top: 1 });
    await contest.close();
    const late = (await contest.recomputed()).rows.map((row) => updateStanding(ctx, row.best_submission_id));
    await Promise.all([...Array.from({ length: 6 }, () => conclude(ctx, contest.roundId)), ...late]);
    expect(await contest.survivors()).toEqual([2]);
    expect((await outboxTypes(db)).filter((type) => type === "round.closed")).toHaveLength(1);
    expect(await contest.board()).toEqual(await contest.recomputed());
  }));
