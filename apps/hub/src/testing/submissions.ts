import type { Id } from "@podium/shared";
import { eq } from "drizzle-orm";
import { failSubmission } from "../competitions/fail.ts";
import { startInference } from "../competitions/infer.ts";
import { markScored } from "../competitions/mark-scored.ts";
import { findSubmission, type SubmissionRow } from "../competitions/store.ts";
import { submit } from "../competitions/submit.ts";
import { scores } from "../scoring/schema.ts";
import { as, type TestContext } from "./context.ts";
import { type Member, makeCheckpoint, makeSession, makeTree } from "./factories.ts";

/** A prediction file of the contest's four rows; by default it is right. */
export function predictions(values: readonly number[] = [1, 2, 3, 4]): string {
  return `id,prediction\n${["a", "b", "c", "d"].map((id, index) => `${id},${values[index] ?? 0}\n`).join("")}`;
}

/** Submits a prediction file. */
export async function submitFile(
  entrant: Member,
  competition: string,
  text = predictions(),
): Promise<SubmissionRow> {
  const tree_id = await makeTree(entrant, { "predictions.csv": text });
  return entrant.db.transaction((tx) => submit(entrant, tx, competition, { kind: "predictions", tree_id }));
}

/** Trains nothing, saves a checkpoint and submits it. */
export async function submitCheckpoint(
  entrant: Member,
  competition: string,
  input: Record<string, unknown> = {},
): Promise<SubmissionRow> {
  const session = await makeSession(entrant, input);
  await makeCheckpoint(entrant, session, "best");
  const what = { kind: "checkpoint" as const, session_id: session.id as Id<"session">, checkpoint: "best" };
  return entrant.db.transaction((tx) => submit(entrant, tx, competition, what));
}

export async function reloadSubmission(ctx: TestContext, { id }: { id: string }): Promise<SubmissionRow> {
  const row = await findSubmission(ctx.db, { id });
  if (!row) throw new Error("the submission is gone");
  return row;
}

/** Submits a prediction file and hands it to the scorer. */
export async function submitToScorer(
  entrant: Member,
  competition: string,
  text?: string,
): Promise<SubmissionRow> {
  const submission = await submitFile(entrant, competition, text);
  await startInference(as(entrant, { kind: "system" }), submission.id);
  return submission;
}

/** Ends a submission with this score, as the scorer would. */
export async function score(ctx: TestContext, { id }: { id: string }, value: number): Promise<void> {
  await startInference(as(ctx, { kind: "system" }), id);
  await ctx.db.transaction((tx) => markScored(ctx, tx, id, value));
}

/** Ends a submission as failed, by a fault of its own. */
export async function fail(ctx: TestContext, { id }: { id: string }): Promise<void> {
  const fault = { code: "model_error", message: "it raised", platform: false };
  await ctx.db.transaction((tx) => failSubmission(ctx, tx, id, fault));
}

/** All scores that a submission has got, by all scorer versions. */
export function scoresOf(ctx: TestContext, { id }: { id: string }) {
  return ctx.db.select().from(scores).where(eq(scores.submissionId, id));
}
