import type { Submission } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { findSession, whyWaiting } from "../../sessions/index.ts";
import type { SubmissionRow } from "../store.ts";
import { type Place, pauseBetweenScores, placeOf } from "./store.ts";

/** A submission's place in the line that it waits in, and when its turn is likely to come; null: it is worked on, or over. */
export async function queuePlace(ctx: Context, submission: SubmissionRow): Promise<Submission["queue"]> {
  const place = await placeOf(ctx.db, submission);
  if (place === null) return null;
  const { position, waitsFor } = place;
  return { position, waits_for: waitsFor, starts_at: await estimate(ctx, submission, place) };
}

/** For a node as the scheduler sees it; for the scorer by how fast it has been lately. */
async function estimate(
  ctx: Context,
  submission: SubmissionRow,
  { position, waitsFor }: Place,
): Promise<string | null> {
  if (waitsFor === "scorer") {
    if (submission.state !== "scoring") return null;
    const pause = await pauseBetweenScores(ctx.db, submission.competitionId);
    if (pause === null) return null;
    return new Date(ctx.clock.now().getTime() + (position - 1) * pause).toISOString();
  }
  const id = waitsFor === "node" ? submission.inferSessionId : submission.scoreSessionId;
  const session = id ? await findSession(ctx.db, { id }) : null;
  return session ? (await whyWaiting(ctx, session)).starts_at : null;
}
