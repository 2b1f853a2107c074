import { type Id, submitSchema } from "@podium/shared";
import { eq } from "drizzle-orm";
import {
  findCompetition,
  findSubmission,
  listRounds,
  type RoundRow,
  type SubmissionRow,
  updateRound,
} from "../competitions/store.ts";
import { failSubmission } from "../competitions/submissions/fail.ts";
import { startInference } from "../competitions/submissions/infer.ts";
import { markScored } from "../competitions/submissions/mark-scored.ts";
import { submit } from "../competitions/submissions/submit.ts";
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
  more: { trial?: boolean; memo?: string } = {},
): Promise<SubmissionRow> {
  const tree_id = await makeTree(entrant, { "predictions.csv": text });
  const what = { kind: "predictions" as const, tree_id, ...more };
  return entrant.db.transaction((tx) => submit(entrant, tx, competition, what));
}

/** Submits code that predicts by itself. */
export async function submitCode(
  entrant: Member,
  competition: string,
  more: { trial?: boolean; entrypoint?: string; resources?: Record<string, unknown> } = {},
): Promise<SubmissionRow> {
  const tree_id = await makeTree(entrant, { "main.py": "print('predicts')\n" });
  const what = submitSchema.parse({ kind: "code", tree_id, ...more });
  return entrant.db.transaction((tx) => submit(entrant, tx, competition, what));
}

/** The first round of a competition as it is now. */
export async function roundOf(ctx: TestContext, competition: string): Promise<RoundRow> {
  const found = await findCompetition(ctx.db, { name: competition });
  const [round] = await listRounds(ctx.db, found?.competition.id ?? "");
  if (!round) throw new Error("the competition has no round");
  return round;
}

/** Gives the first round a public sample of two rows. */
export async function giveSample(organizer: Member, competition: string): Promise<void> {
  const inputs = await makeTree(organizer, { "sample.csv": "id,x\ns,1\nt,2\n" });
  const labels = await makeTree(organizer, { "sample-labels.csv": "id,rating\ns,1\nt,2\n" });
  const { id } = await roundOf(organizer, competition);
  await organizer.db.transaction((tx) =>
    updateRound(tx, id, { sampleInputsTree: inputs, sampleLabelsTree: labels }),
  );
}

/** Sets columns of the first round, as another definition would. */
export async function changeRound(
  ctx: TestContext,
  competition: string,
  set: Parameters<typeof updateRound>[2],
): Promise<void> {
  const { id } = await roundOf(ctx, competition);
  await ctx.db.transaction((tx) => updateRound(tx, id, set));
}

/** Trains nothing, saves a checkpoint and submits it. */
export async function submitCheckpoint(
  entrant: Member,
  competition: string,
  input: Record<string, unknown> = {},
  more: { trial?: boolean } = {},
): Promise<SubmissionRow> {
  const session = await makeSession(entrant, input);
  await makeCheckpoint(entrant, session, "best");
  const session_id = session.id as Id<"session">;
  const what = { kind: "checkpoint" as const, session_id, checkpoint: "best", ...more };
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
