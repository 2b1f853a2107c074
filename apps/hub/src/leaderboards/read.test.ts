import { expect, test } from "bun:test";
import { apiOf } from "../testing/api.ts";
import { boardFor, makeScored, setEntrant, setRound, setSubmission } from "../testing/boards.ts";
import { as, systemContext, type TestContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeCompetition, makeEntrant, makeMember } from "../testing/factories.ts";
import { score, submitFile } from "../testing/submissions.ts";
import { updateStanding } from "./update.ts";

/** An open contest in which each entrant has the score of its place here. */
async function makeContest(ctx: TestContext, scores: readonly number[], metric = "mse") {
  const { name, organizer } = await makeCompetition(ctx, { definition: { metric: { name: metric } } });
  const slugs: string[] = [];
  for (const value of scores) {
    ctx.clock.advance(1000);
    const entrant = await makeEntrant(ctx, name);
    const submission = await submitFile(entrant, name);
    await score(ctx, submission, value);
    await updateStanding(ctx, submission.id);
    slugs.push(entrant.team.slug);
  }
  return { name, organizer, slugs, path: `/competitions/${name}/rounds/round-1/leaderboard` };
}
type Row = { entrant: string; rank: number };

test("everybody who is logged in sees the board, best first", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, path, slugs } = await makeContest(ctx, [0.5, 0.1, 0.5, 0.9]);
    const { ask } = apiOf(await makeMember(ctx));
    const board = (await ask("GET", path)).json();
    expect(board).toMatchObject({
      competition: name,
      round: "round-1",
      state: "open",
      metric: "mse",
      order: "ascending",
      next: null,
    });
    expect(board.rows.map(({ entrant, rank }: Row) => [slugs.indexOf(entrant), rank])).toEqual([
      [1, 1],
      [0, 2],
      [2, 2],
      [3, 4],
    ]);
    expect((await apiOf(as(ctx, { kind: "anonymous" })).ask("GET", path)).status).toBe(401);
  }));

test("by accuracy the largest is best, and of equals still the earlier", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { path, organizer, slugs } = await makeContest(ctx, [0.5, 0.9, 0.9], "accuracy");
    const { ask } = apiOf(organizer);
    const board = (await ask("GET", path)).json();
    expect(board.order).toBe("descending");
    expect(board.rows.map(({ entrant, rank }: Row) => [slugs.indexOf(entrant), rank])).toEqual([
      [1, 1],
      [2, 1],
      [0, 3],
    ]);
    expect((await ask("GET", `${path}/recomputed`)).json()).toEqual(board);
  }));

test("pages go on where the one before ended, with ranks of the whole board", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { path, organizer } = await makeContest(ctx, [1, 2, 2, 3, 4]);
    const { ask } = apiOf(organizer);
    const ranks: number[][] = [];
    for (let next: string | null = "0"; next !== null; ) {
      const page: { rows: Row[]; next: string | null } = (
        await ask("GET", `${path}?limit=2&after=${next}`)
      ).json();
      ranks.push(page.rows.map(({ rank }) => rank));
      next = page.next;
    }
    expect(ranks).toEqual([[1, 2], [2, 4], [5]]);
    for (const after of ["-1", "x", "1e3", "99999999999"]) {
      const answer = await ask("GET", `${path}?after=${after}`);
      expect(answer.status).toBe(400);
      expect(answer.text).toContain("page before");
    }
  }));

test("the recomputed board is for the organizer", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { path, organizer } = await makeContest(ctx, [1]);
    expect((await apiOf(organizer).ask("GET", `${path}/recomputed`)).status).toBe(200);
    expect((await apiOf(await makeMember(ctx)).ask("GET", `${path}/recomputed`)).status).toBe(403);
  }));

test("a round or a competition that is not there is not found", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeContest(ctx, []);
    const { ask } = apiOf(organizer);
    for (const path of [
      `/competitions/${name}/rounds/round-9/leaderboard`,
      "/competitions/none/rounds/round-1/leaderboard",
    ])
      for (const address of [path, `${path}/recomputed`])
        expect((await ask("GET", address)).status).toBe(404);
  }));

test("hidden columns are the organizer's; others see the rest, in the definition's order", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const column = (key: string, hidden: boolean) => ({ key, metric: { name: "mae" }, hidden });
    const contest = await makeScored(ctx, [1], {
      definition: { columns: [column("open", false), column("secret", true)], tie_breaks: ["secret"] },
    });
    const made = contest.made[0]?.id ?? "";
    await setSubmission(ctx, made, { columns: { open: 1, secret: 2 } });
    await updateStanding(ctx, made);
    const board = await boardFor(await makeMember(ctx), contest.name);
    expect(board.columns.map(({ key }) => key)).toEqual(["open"]);
    expect(board.rows[0]?.columns).toEqual({ open: 1 });
    expect((await boardFor(contest.organizer, contest.name)).rows[0]?.columns).toEqual({
      open: 1,
      secret: 2,
    });
  }));

test("a board for entrants only is shown to them; one's own row stands beside every page", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [1, 2, 3], {
      definition: { leaderboard: { visible_to: "entrants" } },
    });
    const [, , third] = contest.members;
    if (!third) throw new Error("no player");
    const board = await boardFor(third, contest.name, { limit: 1 });
    expect(contest.places(board.rows)).toEqual([0]);
    expect(board.own).toMatchObject([{ rank: 3, entrant: third.team.slug }]);
    await expect(boardFor(await makeMember(ctx), contest.name)).rejects.toThrow("Join it");
  }));

test("around a team: it stands in the middle of the page", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [1, 2, 3, 4, 5]);
    const around = contest.members[3]?.team.slug;
    const board = await boardFor(contest.organizer, contest.name, { limit: 3, around });
    expect(contest.places(board.rows)).toEqual([2, 3, 4]);
    const nobody = boardFor(contest.organizer, contest.name, { around: "nobody" });
    await expect(nobody).rejects.toMatchObject({ code: "not_found" });
  }));

test("a page goes on behind the last row also when others have overtaken it meanwhile", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [1, 2, 3, 4]);
    const { next } = await boardFor(contest.organizer, contest.name, { limit: 2 });
    const last = contest.members[3];
    if (!last || next === null) throw new Error("no next page");
    ctx.clock.advance(1000);
    const better = await submitFile(last, contest.name);
    await score(ctx, better, 0);
    await updateStanding(ctx, better.id);
    const page = await boardFor(contest.organizer, contest.name, { limit: 2, after: next });
    expect(contest.places(page.rows)).toEqual([2]);
  }));

test("from the freeze on the board stands still for all but the organizer; as it stood is also shown for any past time", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [1, 2], { round: { freeze: "1h" } });
    const viewer = await makeMember(ctx);
    const [, second] = contest.members;
    if (!second) throw new Error("no player");
    const early = new Date(ctx.clock.now().getTime() - 500);
    await setRound(ctx, contest.roundId, { closesAt: new Date(ctx.clock.now().getTime() + 3_660_000) });
    ctx.clock.advance(120_000);
    const late = await submitFile(second, contest.name);
    await score(ctx, late, 0);
    await updateStanding(ctx, late.id);
    const places = async (who: TestContext, at?: Date) =>
      contest.places((await boardFor(who, contest.name, { at })).rows);
    expect(await places(viewer)).toEqual([0, 1]);
    expect(await places(contest.organizer)).toEqual([1, 0]);
    expect(await places(viewer, ctx.clock.now())).toEqual([0, 1]);
    expect(await places(viewer, early)).toEqual([0]);
    expect(await places(contest.organizer, early)).toEqual([0]);
    expect((await boardFor(viewer, contest.name)).frozen_at).toBeString();
    await setEntrant(ctx, contest.name, second, "banned");
    expect(await places(viewer)).toEqual([0]);
  }));
