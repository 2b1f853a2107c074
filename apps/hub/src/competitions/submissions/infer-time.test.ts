import { expect, test } from "bun:test";
import { systemContext, type TestContext } from "../../testing/context.ts";
import { withDatabase, withRollback } from "../../testing/database.ts";
import {
  ENDED,
  makeCompetition,
  makeEntrant,
  makeNode,
  place,
  reload,
  report,
} from "../../testing/factories.ts";
import { giveSample, reloadSubmission, submitCheckpoint, submitFile } from "../../testing/submissions.ts";
import { collectPredictions } from "./collect.ts";
import { startInference } from "./infer.ts";

const MINUTE = 60_000;
const gpu = { resources: { gpus: 1 }, priority: -100 };
/** Ten minutes of a GPU cost ten credits. */
const budget = (credits: number, more = {}) => ({
  round: { limits: { credits, pending: 50, per_day: 100, ...more } },
});

/** Runs a submission's inference for so long on a node of its own; it fails in the end. */
async function run(ctx: TestContext, submission: { id: string }, ms: number, platform = false) {
  await startInference(ctx, submission.id);
  const infer = { id: (await reloadSubmission(ctx, submission)).inferSessionId ?? "" };
  await makeNode(ctx, 1);
  await place(ctx);
  await report(ctx, infer, { state: "running" });
  const at = ctx.clock.now();
  ctx.clock.advance(ms);
  const failure = {
    code: platform ? ("platform_error" as const) : ("user_error" as const),
    message: "it raised",
    location: null,
    hint: null,
  };
  const times = { started_at: at.toISOString(), ended_at: ctx.clock.now().toISOString() };
  await report(ctx, infer, { ...ENDED, exit_code: 1, failure, ...times });
  expect((await reload(ctx, infer)).state).toBe("failed");
  await collectPredictions(ctx, infer.id);
}

test("what is under way counts with the most that it can cost, so that the budget holds whatever happens", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx, budget(24));
    const entrant = await makeEntrant(ctx, name);
    const times = [];
    for (let n = 0; n < 3; n++) times.push((await submitCheckpoint(entrant, name, gpu)).inferMs);
    expect(times).toEqual([10 * MINUTE, 10 * MINUTE, 4 * MINUTE]);
    await expect(submitCheckpoint(entrant, name, gpu)).rejects.toMatchObject({
      code: "limit_reached",
      message: expect.stringContaining(
        "Of the 24 credits that your runs in this round may cost, 0 are spent and 24 kept",
      ),
    });
    // What costs nothing has no part in it.
    expect((await submitFile(entrant, name)).state).toBe("scoring");
    expect((await submitCheckpoint(entrant, name)).inferMs).toBe(10 * MINUTE);
  }));

test("what ended has cost what it used; what was refunded, and trial runs, nothing", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const rule = { definition: { failed_submissions: { refund: false } } };
    const { name, organizer } = await makeCompetition(ctx, { ...budget(11), ...rule });
    await giveSample(organizer, name);
    const entrant = await makeEntrant(ctx, name);
    await submitCheckpoint(entrant, name, gpu, { trial: true });
    await run(ctx, await submitCheckpoint(entrant, name, gpu), 3 * MINUTE);
    const next = await submitCheckpoint(entrant, name, gpu);
    expect(next.inferMs).toBe(8 * MINUTE);
    await expect(submitCheckpoint(entrant, name, gpu)).rejects.toMatchObject({
      message: expect.stringContaining("3 are spent and 8 kept"),
    });
  }));

test("a budget holds under thirty submissions at the same moment", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx, budget(24));
    const entrant = await makeEntrant(ctx, name);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 30 }, () => submitCheckpoint(entrant, name, gpu)),
    );
    const accepted = outcomes.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    expect(accepted.reduce((sum, { inferMs }) => sum + (inferMs ?? 0), 0)).toBe(24 * MINUTE);
    for (const each of outcomes)
      if (each.status === "rejected") expect(each.reason).toMatchObject({ code: "limit_reached" });
  }));
