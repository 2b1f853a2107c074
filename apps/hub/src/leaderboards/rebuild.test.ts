import { expect, test } from "bun:test";
import { boardFor, makeScored, setDefinition, setSubmission } from "../testing/boards.ts";
import { systemContext } from "../testing/context.ts";
import { outboxTypes, withRollback } from "../testing/database.ts";
import { score, submitFile } from "../testing/submissions.ts";
import { rebuildCompetition, rebuildJudged } from "./rebuild.ts";
import { updateStanding } from "./update.ts";

test("another definition makes another board of the same submissions", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [1, 2]);
    const [first] = contest.members;
    if (!first) throw new Error("no player");
    ctx.clock.advance(1000);
    const worse = await submitFile(first, contest.name);
    await score(ctx, worse, 9);
    await updateStanding(ctx, worse.id);
    const places = async () => contest.places((await boardFor(contest.organizer, contest.name)).rows);
    expect(await places()).toEqual([0, 1]);
    const board = { counts: "last", final: "best", visible_to: "everybody", history: "private" } as const;
    const leaderboard = { ...board, ladder: false, intervals: false, reveal: "automatic" as const };
    await setDefinition(ctx, contest.name, { leaderboard });
    await rebuildCompetition(ctx, contest.competitionId);
    expect(await places()).toEqual([1, 0]);
    const told = await outboxTypes(db);
    await rebuildCompetition(ctx, contest.competitionId);
    expect(await outboxTypes(db)).toEqual(told);
  }));

test("after a rejudging also the boards of past times are others", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [1, 2]);
    const at = ctx.clock.now();
    ctx.clock.advance(60_000);
    const then = async () => contest.places((await boardFor(contest.organizer, contest.name, { at })).rows);
    expect(await then()).toEqual([0, 1]);
    await setSubmission(ctx, contest.made[0]?.id ?? "", { score: 7 });
    await rebuildJudged(ctx, contest.roundId);
    expect(await then()).toEqual([1, 0]);
  }));
