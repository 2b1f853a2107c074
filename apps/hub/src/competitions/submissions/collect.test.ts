import { describe, expect, test } from "bun:test";
import type { SessionFailure } from "@podium/shared";
import { requeueDue, stopSession } from "../../sessions/index.ts";
import { systemContext, type TestContext } from "../../testing/context.ts";
import { outboxTypes, withRollback } from "../../testing/database.ts";
import {
  ENDED,
  finishWithOutput,
  loseNodes,
  makeCompetition,
  makeEntrant,
  makeNode,
  place,
  reload,
  report,
} from "../../testing/factories.ts";
import { reloadSubmission, submitCheckpoint } from "../../testing/submissions.ts";
import { collectPredictions } from "./collect.ts";
import { startInference } from "./infer.ts";

/** A submission whose inference runs. */
async function makeInferring(ctx: TestContext) {
  const { name, organizer } = await makeCompetition(ctx);
  const entrant = await makeEntrant(ctx, name);
  const submission = await submitCheckpoint(entrant, name, { priority: -100 });
  await startInference(ctx, submission.id);
  const infer = { id: (await reloadSubmission(ctx, submission)).inferSessionId ?? "" };
  await makeNode(ctx);
  await place(ctx);
  await report(ctx, infer, { state: "running" });
  return { submission, infer, organizer, entrant };
}

const TEN_MINUTES_MS = 600_000;

const ended = (failure: SessionFailure | null, exit_code: number | null = 1) => ({
  ...ENDED,
  exit_code,
  failure,
});

test("the predictions of an inference that succeeded go to the scorer; they are the organizer's", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { submission, infer, organizer } = await makeInferring(ctx);
    await collectPredictions(ctx, infer.id);
    expect((await reloadSubmission(ctx, submission)).state).toBe("inferring");

    await finishWithOutput(ctx, infer, { "predictions.jsonl": '{"id":"a","prediction":1}\n' });
    for (let times = 0; times < 2; times++) await collectPredictions(ctx, infer.id);
    const { outputTree, outputTeamId } = await reload(ctx, infer);
    expect(await reloadSubmission(ctx, submission)).toMatchObject({
      state: "scoring",
      predictionsTree: outputTree,
    });
    expect(outputTeamId).toBe(organizer.team.id);
    expect((await outboxTypes(db)).filter((type) => type === "submission.predicted")).toHaveLength(1);
  }));

describe("an inference that", () => {
  test("raised tells the entrant its exception and the place", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { submission, infer } = await makeInferring(ctx);
      const failure = {
        code: "user_error",
        message: "KeyError: 'x'",
        location: "main.py:9",
        hint: "Name it.",
      } as const;
      await report(ctx, infer, ended(failure));
      await collectPredictions(ctx, infer.id);
      expect((await reloadSubmission(ctx, submission)).failure).toEqual({
        code: "model_error",
        message: "Your model failed on the hidden inputs: KeyError: 'x' (at main.py:9). Name it.",
      });
    }));

  test("took too long or too much memory is the entrant's to repair", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      for (const code of ["timeout", "out_of_memory"] as const) {
        const { submission, infer } = await makeInferring(ctx);
        await report(ctx, infer, ended({ code, message: "Too much.", location: null, hint: null }));
        await collectPredictions(ctx, infer.id);
        expect(await reloadSubmission(ctx, submission)).toMatchObject({
          failure: { code },
          platformFault: false,
        });
      }
    }));

  test("left no predictions says how to make some, and counts as a failure of the entrant", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { submission, infer } = await makeInferring(ctx);
      await report(ctx, infer, ENDED);
      await collectPredictions(ctx, infer.id);
      expect(await reloadSubmission(ctx, submission)).toMatchObject({
        failure: { code: "no_predictions", message: expect.stringContaining("bind an `infer` function") },
        platformFault: false,
      });
    }));

  test("was stopped by an administrator costs nothing", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { submission, infer } = await makeInferring(ctx);
      await db.transaction((tx) => stopSession(ctx, tx, infer.id, "maintenance"));
      await report(ctx, infer, ended(null, null));
      await collectPredictions(ctx, infer.id);
      expect(await reloadSubmission(ctx, submission)).toMatchObject({
        failure: { code: "stopped", message: expect.stringContaining("maintenance") },
        platformFault: true,
        refunded: true,
      });
    }));

  test("loses its node starts again; only when that happens every time does the submission fail, at no cost", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { submission, infer } = await makeInferring(ctx);
      for (let lost = 1; lost <= 5; lost++) {
        await loseNodes(ctx);
        await collectPredictions(ctx, infer.id);
        expect((await reloadSubmission(ctx, submission)).state).toBe(lost < 5 ? "inferring" : "failed");
        // From the second time on it waits before it is tried again.
        ctx.clock.advance(TEN_MINUTES_MS);
        await requeueDue(ctx);
        await makeNode(ctx);
        await place(ctx);
      }
      expect(await reloadSubmission(ctx, submission)).toMatchObject({
        failure: { code: "node_lost", message: expect.stringContaining("gave up after 5 tries") },
        platformFault: true,
        refunded: true,
      });
    }));
});

test("the end of any other session concerns no submission", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { submission, infer } = await makeInferring(ctx);
    await collectPredictions(ctx, submission.sessionId ?? "");
    await collectPredictions(ctx, ctx.ids.next("session"));
    expect((await reloadSubmission(ctx, submission)).state).toBe("inferring");
    expect((await reload(ctx, infer)).state).toBe("running");
  }));
