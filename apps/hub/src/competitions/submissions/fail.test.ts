import { describe, expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { outboxTypes, withDatabase, withRollback } from "../../testing/database.ts";
import {
  creditOf,
  ENDED,
  type Member,
  makeCompetition,
  makeEntrant,
  makeNode,
  place,
  report,
} from "../../testing/factories.ts";
import { reloadSubmission, submitCheckpoint, submitFile } from "../../testing/submissions.ts";
import { failSubmission } from "./fail.ts";
import { startInference } from "./infer.ts";

const theirs = { code: "model_error", message: "it raised", platform: false };
const ours = { code: "platform_error", message: "our disk", platform: true };

const fail = (entrant: Member, { id }: { id: string }, fault: typeof theirs) =>
  entrant.db.transaction((tx) => failSubmission(entrant, tx, id, fault));

async function failMany(
  entrant: Member,
  name: string,
  faults: readonly (typeof theirs)[],
): Promise<boolean[]> {
  const refunded = [];
  for (const fault of faults) {
    const submission = await submitFile(entrant, name);
    await fail(entrant, submission, fault);
    refunded.push((await reloadSubmission(entrant, submission)).refunded);
  }
  return refunded;
}

test("a failure is told once, with its reason", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const entrant = await makeEntrant(ctx, name);
    const submission = await submitFile(entrant, name);
    await fail(entrant, submission, theirs);
    await fail(entrant, submission, ours);
    expect(await reloadSubmission(ctx, submission)).toMatchObject({
      state: "failed",
      failure: { code: "model_error", message: "it raised" },
      refunded: true,
      endedAt: ctx.clock.now(),
    });
    expect((await outboxTypes(db)).filter((type) => type === "submission.failed")).toHaveLength(1);
  }));

describe("own failures", () => {
  test("cost nothing up to the contest's bound a day, then they count", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const rule = { failed_submissions: { refund: true, per_day: 2 } };
      const { name } = await makeCompetition(ctx, { definition: rule, round: { limits: { per_day: 2 } } });
      const entrant = await makeEntrant(ctx, name);
      expect(await failMany(entrant, name, [theirs, theirs, theirs, theirs])).toEqual([
        true,
        true,
        false,
        false,
      ]);
      await expect(submitFile(entrant, name)).rejects.toMatchObject({ code: "limit_reached" });
      ctx.clock.advance(12 * 3_600_000);
      expect(await failMany(entrant, name, [theirs, theirs, theirs])).toEqual([true, true, false]);
    }));

  test("count from the first where the contest says so", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { name } = await makeCompetition(ctx, { definition: { failed_submissions: { refund: false } } });
      expect(await failMany(await makeEntrant(ctx, name), name, [theirs, ours])).toEqual([false, true]);
    }));

  test("of yesterday that end today use up yesterday's bound", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const rule = { failed_submissions: { refund: true, per_day: 1 } };
      const { name } = await makeCompetition(ctx, { definition: rule });
      const entrant = await makeEntrant(ctx, name);
      const yesterday = await submitFile(entrant, name);
      ctx.clock.advance(13 * 3_600_000);
      expect(await failMany(entrant, name, [theirs])).toEqual([true]);
      await fail(entrant, yesterday, theirs);
      expect((await reloadSubmission(ctx, yesterday)).refunded).toBe(true);
    }));
});

test("faults of the platform never cost a try, nor one of the failures that are free", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const rule = { failed_submissions: { refund: true, per_day: 1 } };
    const { name } = await makeCompetition(ctx, { definition: rule, round: { limits: { per_day: 1 } } });
    const entrant = await makeEntrant(ctx, name);
    expect(await failMany(entrant, name, [ours, ours, ours, theirs])).toEqual([true, true, true, true]);
    expect((await submitFile(entrant, name)).number).toBe(5);
  }));

test("what the inference of a refunded failure cost comes back", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx, {
      definition: { failed_submissions: { refund: true, per_day: 1 } },
    });
    const entrant = await makeEntrant(ctx, name);
    const spent = [];
    for (let n = 0; n < 2; n++) {
      const submission = await submitCheckpoint(entrant, name, { resources: { gpus: 1 }, priority: -100 });
      await startInference(ctx, submission.id);
      await makeNode(ctx, 1);
      await place(ctx);
      const infer = { id: (await reloadSubmission(ctx, submission)).inferSessionId ?? "" };
      await report(ctx, infer, { state: "running" });
      ctx.clock.advance(30_000);
      await report(ctx, infer, { ...ENDED, exit_code: 1, ended_at: ctx.clock.now().toISOString() });
      await fail(entrant, submission, theirs);
      spent.push((await creditOf(entrant)).spent);
    }
    expect(spent).toEqual([0, 0.5]);
  }));

test("failures that end at the same moment share the bound", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const rule = { failed_submissions: { refund: true, per_day: 3 } };
    const { name } = await makeCompetition(ctx, { definition: rule, round: { limits: { pending: 20 } } });
    const entrant = await makeEntrant(ctx, name);
    const made = [];
    for (let n = 0; n < 10; n++) made.push(await submitFile(entrant, name));
    await Promise.all(made.flatMap((each) => [fail(entrant, each, theirs), fail(entrant, each, theirs)]));
    const refunded = await Promise.all(
      made.map(async (each) => (await reloadSubmission(ctx, each)).refunded),
    );
    expect(refunded.filter(Boolean)).toHaveLength(3);
  }));
