import { describe, expect, test } from "bun:test";
import { giveUpStuck } from "../../competitions/index.ts";
import { treeEntries } from "../../data/index.ts";
import { visibleSession } from "../../sessions/index.ts";
import { systemContext, type TestContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import {
  ENDED,
  makeCompetition,
  makeEntrant,
  makeNode,
  makeTree,
  place,
  reload,
  report,
} from "../../testing/factories.ts";
import { settle } from "../../testing/jobs.ts";
import { finishProgram, setJudging } from "../../testing/programs.ts";
import { reloadSubmission, scoresOf, submitToScorer } from "../../testing/submissions.ts";
import type { Scorer } from "../judge.ts";

const scorer: Scorer = { score: () => Promise.reject(new Error("nothing built-in here")) };

/** A contest that its organizer's program scores, and a submission that has come to it. */
async function makeAtProgram(
  ctx: TestContext,
  convention: "nsml" | "codabench" = "nsml",
  change: object = {},
) {
  const { name, organizer, trees } = await makeCompetition(ctx, {
    definition: {
      metric: { name: "custom", value: "score", order: "descending" },
      scorer: { program: "scorer", convention, timeout: "3m", memory_bytes: 64 * 1024 ** 2 },
      ...change,
    },
  });
  const scorerTree = await makeTree(organizer, { "evaluation.py": "print(1)" });
  await setJudging(ctx, name, { scorerTree });
  const entrant = await makeEntrant(ctx, name);
  const submission = await submitToScorer(entrant, name);
  await makeNode(ctx);
  await settle(ctx, { scorer });
  const { scoreSessionId } = await reloadSubmission(ctx, submission);
  return { submission, entrant, organizer, trees, name, session: { id: scoreSessionId ?? "" } };
}

test("the organizer's program runs in a session of its own: its team's, hidden, with labels, predictions and its limits", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { session, organizer, entrant, submission, name } = await makeAtProgram(ctx);
    const row = await reload(ctx, session);
    expect(row).toMatchObject({
      kind: "score",
      teamId: organizer.team.id,
      outputTeamId: organizer.team.id,
      hidden: true,
      entrypoint: ".podium-score.py",
      timeoutMs: 180_000,
      resources: { memory_bytes: 64 * 1024 ** 2, gpus: 0 },
      datasets: [{ name: `${name}-round-1` }, { name: "predictions", tree_id: submission.predictionsTree }],
    });
    const paths = async (tree = "") => (await Array.fromAsync(treeEntries(db, tree))).map(({ path }) => path);
    expect(await paths(row.codeTree)).toEqual([".podium-score.py", "evaluation.py"]);
    expect(await paths(row.datasets[0]?.tree_id)).toEqual(["test/test_label"]);
    expect(JSON.parse(row.args[0] ?? "")).toMatchObject({
      convention: "nsml",
      wanted: ["score"],
      optional: [],
    });
    await expect(visibleSession(entrant, session.id)).rejects.toMatchObject({ code: "not_found" });
    expect(await visibleSession(organizer, session.id)).toBeTruthy();
  }));

test("Codabench's programs get the labels as they were pushed", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { session, trees } = await makeAtProgram(ctx, "codabench");
    expect((await reload(ctx, session)).datasets[0]?.tree_id).toBe(trees.labels);
  }));

test("what the program gave becomes the score, once, however often its end is told", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { submission, session } = await makeAtProgram(ctx);
    expect((await reloadSubmission(ctx, submission)).state).toBe("scoring");
    await finishProgram(ctx, session, { "score/score": 0.25, other: 3 });
    await settle(ctx, { scorer });
    expect(await reloadSubmission(ctx, submission)).toMatchObject({
      state: "scored",
      score: 0.25,
      columns: {},
    });
    expect(await scoresOf(ctx, submission)).toHaveLength(1);
  }));

describe("a program that fails", () => {
  test("costs its entrant nothing and tells it nothing of the labels; the organizer is told, once a day", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { submission, session, organizer, entrant } = await makeAtProgram(ctx);
      await place(ctx);
      await report(ctx, session, { state: "running" });
      const failure = {
        code: "user_error",
        message: "KeyError: secret-label",
        location: null,
        hint: null,
      } as const;
      await report(ctx, session, { ...ENDED, exit_code: 1, failure });
      await settle(ctx, { scorer });
      const failed = await reloadSubmission(ctx, submission);
      expect(failed).toMatchObject({
        state: "failed",
        failure: { code: "scorer_failed", message: expect.stringContaining("cost you nothing") },
        refunded: true,
        platformFault: true,
      });
      expect(JSON.stringify(failed)).not.toContain("secret");
      const { rows } = await db.execute(
        "select team_id, text from notifications where kind = 'session.ended'",
      );
      expect(rows).toEqual([
        { team_id: organizer.team.id, text: expect.stringContaining("KeyError: secret-label") },
      ]);
      expect(organizer.team.id).not.toBe(entrant.team.id);
    }));

  test("because it takes too long is no other matter", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { submission, session } = await makeAtProgram(ctx);
      await place(ctx);
      await report(ctx, session, { state: "running" });
      const failure = {
        code: "timeout",
        message: "It took longer than 3 minutes.",
        location: null,
        hint: null,
      } as const;
      await report(ctx, session, { ...ENDED, exit_code: null, failure });
      await settle(ctx, { scorer });
      expect(await reloadSubmission(ctx, submission)).toMatchObject({ state: "failed", platformFault: true });
    }));

  test("or that was never pushed ends the submission as the organizer's fault", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { name, entrant } = await makeAtProgram(ctx);
      await setJudging(ctx, name, { scorerTree: null });
      const next = await submitToScorer(entrant, name);
      await settle(ctx, { scorer });
      expect(await reloadSubmission(ctx, next)).toMatchObject({
        failure: { code: "invalid_bundle" },
        platformFault: true,
      });
    }));
});

test("a program may work for hours without its submission being given up as stuck", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { submission, session } = await makeAtProgram(ctx);
    await place(ctx);
    await report(ctx, session, { state: "running" });
    ctx.clock.advance(5 * 3_600_000);
    await giveUpStuck(ctx);
    expect((await reloadSubmission(ctx, submission)).state).toBe("scoring");
  }));
