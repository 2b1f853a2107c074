import { expect, test } from "bun:test";
import { listRounds } from "../../competitions/index.ts";
import { apiOf } from "../../testing/api.ts";
import { makeScored, setEntrant, setRound } from "../../testing/boards.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";

const survivors = (count: number) => ({ round: { survivors: { top: count } } });
type Row = { entrant: string; survives: boolean | null };

test("the preview says who would go on, the cut and the ties, by the rule or by another, and changes nothing", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [1, 2, 2, 4], { rounds: 2, ...survivors(2) });
    const { ask } = apiOf(contest.organizer);
    const preview = async (query = "") => (await ask("GET", `${contest.path}/survivors${query}`)).json();
    const [a, b, c, d] = contest.members.map(({ team }) => team.slug);
    expect(await preview()).toMatchObject({
      rule: { top: 2 },
      state: "open",
      places: 2,
      survivors_count: 3,
      cut: { rank: 2, entrant: c },
      ties: [{ rank: 2, entrant: c, score: 2 }],
      first_out: { rank: 4, entrant: d, score: 4 },
      eliminated_count: 1,
      advanced_at: null,
      undoable: false,
    });
    expect((await preview("?share=0.25")).survivors).toEqual([{ rank: 1, entrant: a, score: 1 }]);
    expect((await preview("?score=2")).survivors.map((row: Row) => row.entrant)).toEqual([a, b, c]);
    expect(await preview("?all=true")).toMatchObject({ survivors_count: 4, first_out: null });
    expect((await ask("GET", `${contest.path}/survivors?top=1&share=0.5`)).status).toBe(400);
    expect((await ask("GET", `${contest.path}/survivors?top=0`)).status).toBe(400);
    expect((await listRounds(db, contest.competitionId)).map(({ state }) => state)).toEqual([
      "open",
      "upcoming",
    ]);
  }));

test("by hand: preview, advance, undo, advance again without who was banned meanwhile", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [1, 2, 3], {
      rounds: 2,
      ...survivors(1),
      definition: { advance: "by_hand" },
    });
    const { ask } = apiOf(contest.organizer);
    const [, next] = await listRounds(db, contest.competitionId);
    await setRound(ctx, next?.id ?? "", { opensAt: new Date("2026-02-01T00:00:00Z") });
    const board = async () =>
      (await ask("GET", `${contest.path}/leaderboard`)).json().rows.map((row: Row) => row.survives);
    expect((await ask("POST", `${contest.path}/advance`, {})).status).toBe(409);
    await contest.close();
    expect(await board()).toEqual([null, null, null]);
    expect((await ask("POST", `${contest.path}/advance`, { reason: "all was checked" })).status).toBe(200);
    expect(await board()).toEqual([true, false, false]);
    expect((await ask("GET", `${contest.path}/survivors`)).json().undoable).toBe(true);
    expect((await ask("POST", `${contest.path}/advance/undo`, {})).status).toBe(200);
    expect(await board()).toEqual([null, null, null]);
    const [first] = contest.members;
    if (first) await setEntrant(ctx, contest.name, first, "banned");
    expect((await ask("POST", `${contest.path}/advance`, {})).status).toBe(200);
    expect(await board()).toEqual([true, false]);
    const recomputed = (await ask("GET", `${contest.path}/leaderboard/recomputed`)).json();
    expect(recomputed.rows.map((row: Row) => row.survives)).toEqual([true, false]);
  }));

test("a final board is revealed to all from below; until then it is the organizer's", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [1, 2, 2, 4], {
      definition: { leaderboard: { reveal: "by_hand" } },
    });
    const [player] = contest.members;
    if (!player) throw new Error("no player");
    const theirs = apiOf(player);
    const { ask } = apiOf(contest.organizer);
    const shown = async (board = "") => {
      const answer = await theirs.ask("GET", `${contest.path}/leaderboard${board}`);
      return answer.status === 200 ? contest.places(answer.json().rows) : answer.status;
    };
    await contest.close();
    expect(await shown("?board=private")).toBe(403);
    expect(await shown()).toEqual([0, 1, 2, 3]);
    await ask("POST", `${contest.path}/reveal`, { until_rank: 4 });
    expect(await shown()).toEqual([3]);
    expect((await theirs.ask("GET", `${contest.path}/leaderboard`)).json()).toMatchObject({
      board: "private",
      revealed_rank: 4,
      own: [],
      entrants: 4,
    });
    await ask("POST", `${contest.path}/reveal`, { until_rank: 2 });
    expect(await shown()).toEqual([1, 2, 3]);
    expect((await ask("POST", `${contest.path}/reveal`, { until_rank: 3 })).status).toBe(409);
    await ask("POST", `${contest.path}/reveal`, {});
    expect(await shown()).toEqual([0, 1, 2, 3]);
  }));

test("only the organizer previews, advances, undoes, reveals and counts", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [1]);
    const [player] = contest.members;
    if (!player) throw new Error("no player");
    const { ask } = apiOf(player);
    for (const path of ["survivors", "leaderboard/recomputed"])
      expect((await ask("GET", `${contest.path}/${path}`)).status).toBe(403);
    for (const path of ["advance", "advance/undo", "reveal"])
      expect((await ask("POST", `${contest.path}/${path}`, {})).status).toBe(403);
    expect((await ask("GET", `/competitions/${contest.name}/statistics`)).status).toBe(403);
  }));
