import { afterAll, describe, expect, test } from "bun:test";
import { DomainError } from "@podium/shared";
import { failSubmission, findCompetition, findRound, updateSubmission } from "../competitions/index.ts";
import { systemContext, type TestContext } from "../testing/context.ts";
import { outboxTypes, withDatabase, withRollback } from "../testing/database.ts";
import {
  finishWithOutput,
  LABELS,
  makeCompetition,
  makeEntrant,
  makeNode,
  makeTree,
  place,
  report,
} from "../testing/factories.ts";
import { settle } from "../testing/jobs.ts";
import { setJudging } from "../testing/programs.ts";
import {
  changeRound,
  predictions,
  reloadSubmission,
  scoresOf,
  submitCheckpoint,
  submitToScorer,
} from "../testing/submissions.ts";
import type { Scorer } from "./judge.ts";
import { judgingOf, scorerVersion } from "./judging.ts";
import { scoreSubmission } from "./score.ts";
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
async function makeScoring(
  ctx: TestContext,
  text?: string,
  definition: Record<string, unknown> = {},
  round: Record<string, unknown> = {},
  labels?: string,
) {
  const { name, organizer } = await makeCompetition(ctx, { definition, round });
  if (labels) {
    const labelsTree = await makeTree(organizer, { "labels.csv": labels });
    await setJudging(ctx, name, { labelsTree });
  }
  const entrant = await makeEntrant(ctx, name);
  const submission = await submitToScorer(entrant, name, text);
  const found = await findCompetition(ctx.db, { name });
  const scored = await findRound(ctx.db, { id: submission.roundId });
  if (!found || !scored) throw new Error("the contest is gone");
  const judged = { definition: found.competition.definition, round: scored };
  const version = scorerVersion(judgingOf(judged, false));
  return { submission, version, organizer, name };
}

test("predictions are scored against the round's labels, and the score is told", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { submission, version } = await makeScoring(ctx, predictions([1, 2, 3, 8]));
    await scoreSubmission(ctx, pool, submission.id);
    expect(await reloadSubmission(ctx, submission)).toMatchObject({
      state: "scored",
      score: 4,
      failure: null,
    });
    expect(await scoresOf(ctx, submission)).toMatchObject([{ score: 4, rows: 4, scorerVersion: version }]);
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
      const { submission, version } = await makeScoring(ctx);
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
    const submission = await submitCheckpoint(await makeEntrant(ctx, name), name);
    await scoreSubmission(ctx, pool, submission.id);
    await scoreSubmission(ctx, pool, ctx.ids.next("submission"));
    expect((await reloadSubmission(ctx, submission)).state).toBe("queued");
  }));

test("every column is scored, over the public rows and the private ones; the entrant's row has both", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { submission } = await makeScoring(
      ctx,
      predictions([1, 2, 4, 8]),
      {
        columns: [
          { key: "mae", metric: { name: "mae" } },
          { key: "both", metric: { name: "computed", compute: "sum", of: ["mae"], order: "ascending" } },
        ],
      },
      { split: { field: "part" } },
      "id,rating,part\na,1,public\nb,2,public\nc,3,private\nd,4,private\n",
    );
    await scoreSubmission(ctx, pool, submission.id);
    expect(await reloadSubmission(ctx, submission)).toMatchObject({
      score: 0,
      columns: { mae: 0, both: 0 },
      privateScore: 8.5,
      privateColumns: { mae: 2.5, both: 2.5 },
      predictionsDigest: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    const [row] = await scoresOf(ctx, submission);
    expect(row?.values).toEqual({
      score: { public: 0, private: 8.5 },
      mae: { public: 0, private: 2.5 },
      both: { public: 0, private: 2.5 },
    });
    expect(row?.sketch?.length).toBeGreaterThan(100);
    expect(row?.predictionsDigest).toMatch(/^[0-9a-f]{32}$/);
  }));

test("a trial run is scored by the sample's labels, all of whose rows count, whatever the round's split", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { submission, version, organizer, name } = await makeScoring(
      ctx,
      "id,prediction\ns,3\n",
      {},
      { split: { field: "part" } },
    );
    const sampleLabelsTree = await makeTree(organizer, { "sample.csv": "id,rating\ns,5\n" });
    await setJudging(ctx, name, { sampleLabelsTree });
    await db.transaction((tx) => updateSubmission(tx, submission.id, { trial: true }));
    await scoreSubmission(ctx, pool, submission.id);
    expect(await reloadSubmission(ctx, submission)).toMatchObject({
      state: "scored",
      score: 4,
      privateScore: null,
      privateColumns: null,
    });
    expect((await scoresOf(ctx, submission))[0]?.scorerVersion).not.toBe(version);
  }));

test("a file larger than the round allows is its entrant's to make smaller", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { submission, name } = await makeScoring(ctx, predictions());
    const round = await findRound(db, { id: submission.roundId });
    if (!round) throw new Error("the round is gone");
    // As a packed file is taken that is small until it is unpacked.
    const limits = { ...round.definition.limits, file_bytes: 10 };
    await changeRound(ctx, name, { definition: { ...round.definition, limits } });
    await scoreSubmission(ctx, pool, submission.id);
    expect((await reloadSubmission(ctx, submission)).failure).toMatchObject({
      code: "invalid_predictions",
      message: expect.stringContaining("at most 10 are allowed"),
    });
  }));

test("the labels are replaced while it is scored: it is scored again, with the new ones", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { submission, organizer, name } = await makeScoring(ctx, predictions([1, 2, 3, 4]));
    const labelsTree = await makeTree(organizer, { "labels.csv": LABELS.replace("d,4", "d,6") });
    const { scorer, asked } = countedScorer(async (nth) => {
      if (nth === 1) await setJudging(ctx, name, { labelsTree });
    });
    await scoreSubmission(ctx, scorer, submission.id);
    expect(asked()).toBe(2);
    expect((await reloadSubmission(ctx, submission)).score).toBe(1);
    expect(await scoresOf(ctx, submission)).toHaveLength(1);
  }));
