import { expect, test } from "bun:test";
import { apiOf } from "../../testing/api.ts";
import { boardFor, makeScored, recomputed, setSubmission, storedBoard } from "../../testing/boards.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { storeLosses } from "../../testing/losses.ts";
import { score, submitFile } from "../../testing/submissions.ts";
import { rebuildJudged } from "../rebuild.ts";
import { updateStanding } from "../update.ts";

const LADDER = { definition: { metric: { name: "mae" }, leaderboard: { ladder: true } } };
const mean = (losses: readonly number[]) => losses.reduce((a, b) => a + b) / losses.length;

test("the board and one's history show what is better by more than chance, in the order of submission", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [1], LADDER);
    const [player] = contest.members;
    if (!player) throw new Error("no player");
    const path = `/competitions/${contest.name}/entrants/${player.team.slug}/submissions`;
    // As in the published example: the second is better by no more than its standard error.
    const losses = [
      [1, 0, 1, 1, 1, 0],
      [0, 0, 1, 1, 1, 0],
      [0, 0, 0, 1, 1, 0],
    ];
    const made = contest.made.slice();
    for (let n = 1; n < losses.length; n++) {
      ctx.clock.advance(1000);
      made.push(await submitFile(player, contest.name));
    }
    // Scored in another order than they were made in.
    for (const index of [2, 0, 1]) {
      const submission = made[index];
      const its = losses[index] ?? [];
      if (!submission) throw new Error("no submission");
      if (index > 0) await score(ctx, submission, mean(its));
      await setSubmission(ctx, submission.id, { score: mean(its) });
      await storeLosses(contest.organizer, submission.id, mean(its), its);
      await updateStanding(ctx, submission.id);
    }
    const shown = async () =>
      (await apiOf(player).ask("GET", path)).json().submissions.map((each: { score: number }) => each.score);
    expect((await shown()).map((value: number) => value.toFixed(3))).toEqual(["0.667", "0.667", "0.333"]);
    expect((await boardFor(player, contest.name)).rows[0]?.score).toBeCloseTo(1 / 3, 12);
    const real = `/submissions/${made[1]?.id}`;
    expect((await apiOf(player).ask("GET", real)).json().score).toBeNull();
    expect((await apiOf(contest.organizer).ask("GET", real)).json().score).toBe(0.5);

    // A rejudging takes the third's lead: the Ladder is replayed from there.
    const worse = [1, 0, 1, 1, 1, 0];
    await setSubmission(ctx, made[2]?.id ?? "", { score: mean(worse) });
    await storeLosses(contest.organizer, made[2]?.id ?? "", mean(worse), worse);
    await rebuildJudged(ctx, contest.roundId);
    expect((await shown()).map((value: number) => value.toFixed(3))).toEqual(["0.667", "0.667", "0.667"]);
    expect((await boardFor(player, contest.name)).rows[0]?.best_submission_id).toBe(made[0]?.id as never);
    expect(await storedBoard(contest.organizer, contest.name)).toEqual(
      await recomputed(contest.organizer, contest.name),
    );
  }));
