import { expect, test } from "bun:test";
import { apiOf } from "../testing/api.ts";
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
