import { afterAll, describe, expect, test } from "bun:test";
import { DomainError } from "@podium/shared";
import { failSubmission } from "../competitions/index.ts";
import { systemContext, type TestContext } from "../testing/context.ts";
import { outboxTypes, withDatabase, withRollback } from "../testing/database.ts";
import {
  finishWithOutput,
  makeCompetition,
  makeEntrant,
  makeNode,
  place,
  report,
} from "../testing/factories.ts";
import { settle } from "../testing/jobs.ts";
import {
  predictions,
  reloadSubmission,
  scoresOf,
  submitCheckpoint,
  submitFile,
  submitToScorer,
} from "../testing/submissions.ts";
import { type Scorer, scorerVersion, scoreSubmission } from "./score.ts";
import { createScorerPool } from "./scorer-pool.ts";
import { findScore, insertScore } from "./store.ts";

const pool = createScorerPool({ size: 2, timeoutMs: 60_000, memoryBytes: 256 * 1024 ** 2 });
afterAll(() => pool.close());

/** Counts what is asked of the real scorer; `before` runs ahead of each. */
function countedScorer(before: (nth: number) => Promise<void> = async () => undefined) {
  let asked = 0;
  const scorer: Scorer = {
    async score(request) {
      asked += 1;
      await before(asked);
      return pool.score(request);
    },
  };
  return { scorer, asked: () => asked };
}

/** A submitted file whose turn it is to be scored. */
async function makeScoring(ctx: TestContext, text?: string, definition: Record<string, unknown> = {}) {
  const { name, trees } = await makeCompetition(ctx, { definition });
  const entrant = await makeEntrant(ctx, name);
  return { submission: await submitToScorer(entrant, name, text), trees };
}

test("predictions are scored against the round's labels, and the score is told", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { submission, trees } = await makeScoring(ctx, predictions([1, 2, 3, 8]));
    await scoreSubmission(ctx, pool, submission.id);
    expect(await reloadSubmission(ctx, submission)).toMatchObject({
      state: "scored",
      score: 4,
      failure: null,
    });
    expect(await scoresOf(ctx, submission)).toMatchObject([
      { score: 4, rows: 4, scorerVersion: scorerVersion({ name: "mse" }, trees.labels, "rating") },
    ]);
    expect((await outboxTypes(db)).at(-1)).toBe("submission.scored");
  }));

describe("a file that can't be scored", () => {
  test("fails with words that name the row and what to do", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const wrong: [string, RegExp][] = [
        [predictions().replace("b,2\n", ""), /"b"/],
        [predictions().replace("b,2", "z,2"), /"z"/],
        [predictions().replace("c,3", "c,NaN"), /"c"|row|line/],
        ["", /empty/],
      ];
      for (const [text, words] of wrong) {
        const { submission } = await makeScoring(ctx, text);
        await scoreSubmission(ctx, pool, submission.id);
        const { failure, refunded, score } = await reloadSubmission(ctx, submission);
        expect(failure).toMatchObject({ code: "invalid_predictions", message: expect.stringMatching(words) });
        expect({ refunded, score }).toEqual({ refunded: true, score: null });
      }
    }));

  test("because the labels are broken costs nothing, and shows no label", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { submission } = await makeScoring(ctx, "id,prediction\na,1\n", {
        failed_submissions: { refund: false },
      });
      const broken: Scorer = {
        score: async () => {
          throw new DomainError("invalid_bundle", 'The labels file has "secret-label" twice.');
        },
      };
      await scoreSubmission(ctx, broken, submission.id);
      expect(await reloadSubmission(ctx, submission)).toMatchObject({
        state: "failed",
        failure: { code: "invalid_bundle", message: expect.stringContaining("tell the organizer") },
        refunded: true,
        platformFault: true,
      });
      expect(JSON.stringify(await reloadSubmission(ctx, submission))).not.toContain("secret-label");
    }));
});

test("what infer writes is found by its name, whatever else lies beside it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const submission = await submitCheckpoint(await makeEntrant(ctx, name), name, { priority: -100 });
    await settle(ctx);
    const infer = { id: (await reloadSubmission(ctx, submission)).inferSessionId ?? "" };
    await makeNode(ctx);
    await place(ctx);
    await report(ctx, infer, { state: "running" });
    const rows = ["a", "b", "c", "d"].map((id) => `{"id":"${id}","prediction":0}\n`);
    await finishWithOutput(ctx, infer, { "a.csv": "no,predictions\n", "predictions.jsonl": rows.join("") });
    await settle(ctx, { scorer: pool });
    expect((await reloadSubmission(ctx, submission)).score).toBe(7.5);
  }));

describe("exactly once per submission and scorer version (invariant 3)", () => {
  test("under concurrent handlers", () =>
    withDatabase(async ({ db }) => {
      const ctx = systemContext(db);
      const { submission } = await makeScoring(ctx);
      await Promise.all(Array.from({ length: 6 }, () => scoreSubmission(ctx, pool, submission.id)));
      expect(await scoresOf(ctx, submission)).toHaveLength(1);
      expect((await outboxTypes(db)).filter((type) => type === "submission.scored")).toHaveLength(1);
    }));

  test("when a handler crashes before it has stored anything: the next one does", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { submission } = await makeScoring(ctx);
      const { scorer, asked } = countedScorer(async (nth) => {
        if (nth === 1) throw new Error("the scorer is shutting down");
      });
      await expect(scoreSubmission(ctx, scorer, submission.id)).rejects.toThrow("shutting down");
      expect((await reloadSubmission(ctx, submission)).state).toBe("scoring");
      await scoreSubmission(ctx, scorer, submission.id);
      await scoreSubmission(ctx, scorer, submission.id);
      expect(asked()).toBe(2);
      expect(await scoresOf(ctx, submission)).toHaveLength(1);
    }));

  test("a score that is there already is taken, not worked out again", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { submission, trees } = await makeScoring(ctx);
      const version = scorerVersion({ name: "mse" }, trees.labels, "rating");
      const row = { id: ctx.ids.next("score"), submissionId: submission.id, scorerVersion: version };
      await db.transaction((tx) =>
        insertScore(tx, { ...row, score: 0.25, rows: 4, createdAt: ctx.clock.now() }),
      );
      const { scorer, asked } = countedScorer();
      await scoreSubmission(ctx, scorer, submission.id);
      expect(asked()).toBe(0);
      expect((await reloadSubmission(ctx, submission)).score).toBe(0.25);
      expect(await findScore(db, submission.id, version)).toMatchObject({ score: 0.25 });
      expect(await findScore(db, submission.id, "another")).toBeNull();
    }));

  test("a submission that failed while it was being scored stays failed", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { submission } = await makeScoring(ctx);
      const fault = { code: "platform_error", message: "given up", platform: true };
      const { scorer } = countedScorer(() =>
        db.transaction((tx) => failSubmission(ctx, tx, submission.id, fault)),
      );
      await scoreSubmission(ctx, scorer, submission.id);
      expect(await reloadSubmission(ctx, submission)).toMatchObject({ state: "failed", score: null });
      expect(await db.execute("select id from scores")).toMatchObject({ rows: [] });
    }));
});

test("what is not there, or not to be scored, is passed over", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const submission = await submitFile(await makeEntrant(ctx, name), name);
    await scoreSubmission(ctx, pool, submission.id);
    await scoreSubmission(ctx, pool, ctx.ids.next("submission"));
    expect((await reloadSubmission(ctx, submission)).state).toBe("queued");
    await settle(ctx, { scorer: pool });
    expect((await reloadSubmission(ctx, submission)).state).toBe("scored");
  }));

test("a scorer version names the metric, its options, the labels and the target, and nothing else", () => {
  const version = scorerVersion({ name: "f1_binary", positive_label: "yes" }, "tree", "y");
  expect(version).toBe(scorerVersion({ name: "f1_binary", positive_label: "yes" }, "tree", "y"));
  const others = [
    scorerVersion({ name: "f1_binary", positive_label: "yes" }, "tree", "y"),
    scorerVersion({ name: "f1_binary", positive_label: "no" }, "tree", "y"),
    scorerVersion({ name: "f1_binary", positive_label: "yes" }, "other", "y"),
    scorerVersion({ name: "f1_binary", positive_label: "yes" }, "tree", "z"),
  ];
  expect(new Set([version, ...others]).size).toBe(5);
});
