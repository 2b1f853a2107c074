import { expect, test } from "bun:test";
import { apiOf } from "../../testing/api.ts";
import { makeScored, setRound, setSubmission } from "../../testing/boards.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { score, submitFile } from "../../testing/submissions.ts";

test("an entrant sees its submissions with the best so far and its rank over time; others don't", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [0.5, 0.4]);
    const [mine, other] = contest.members;
    if (!mine || !other) throw new Error("no players");
    for (const value of [0.45, 0.6, 0.3]) {
      ctx.clock.advance(1000);
      await score(ctx, await submitFile(mine, contest.name), value);
    }
    const path = `/competitions/${contest.name}/entrants/${mine.team.slug}/submissions`;
    const history = (await apiOf(mine).ask("GET", path)).json();
    expect(
      history.submissions.map((each: Record<string, unknown>) => [each["score"], each["best"], each["rank"]]),
    ).toEqual([
      [0.5, 0.5, 1],
      [0.45, 0.45, 2],
      [0.6, 0.45, 2],
      [0.3, 0.3, 1],
    ]);
    expect((await apiOf(contest.organizer).ask("GET", path)).json()).toEqual(history);
    expect((await apiOf(other).ask("GET", path)).status).toBe(403);
    // Whether somebody takes part is no secret to be probed either.
    const nobody = `/competitions/${contest.name}/entrants/nobody/submissions`;
    expect((await apiOf(other).ask("GET", nobody)).status).toBe(403);
    expect((await apiOf(contest.organizer).ask("GET", nobody)).status).toBe(404);
  }));

test("where histories are open, others see what was scored, up to the freeze, and no private score ever", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [0.5, 0.4], {
      round: { freeze: "1h", split: { share: 0.5, seed: "a-secret-word" } },
      definition: { leaderboard: { history: "open" } },
    });
    const [mine, other] = contest.members;
    if (!mine || !other) throw new Error("no players");
    const first = contest.made[0];
    await setSubmission(ctx, first?.id ?? "", { privateScore: 0.123456 });
    await submitFile(mine, contest.name);
    const path = `/competitions/${contest.name}/entrants/${mine.team.slug}/submissions`;
    const seen = async (who: typeof mine) => {
      const { text, json } = await apiOf(who).ask("GET", path);
      expect(text).not.toContain("0.123456");
      return json().submissions.map((each: { score: number | null }) => each.score);
    };
    expect(await seen(other)).toEqual([0.5]);
    await setRound(ctx, contest.roundId, { closesAt: new Date(ctx.clock.now().getTime() + 3_900_000) });
    ctx.clock.advance(600_000);
    await score(ctx, await submitFile(mine, contest.name), 0.1);
    expect(await seen(other)).toEqual([0.5]);
    expect(await seen(mine)).toEqual([0.5, null, 0.1]);
  }));
