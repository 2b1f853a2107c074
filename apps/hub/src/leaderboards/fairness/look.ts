import { findSubmission } from "../../competitions/index.ts";
import type { Context } from "../../platform/context.ts";
import { NEAR, probingIn, similarity, WINDOW } from "./rules.ts";
import { insertFinding, nearestOnBoard, newestOf, sameAnswers } from "./store.ts";

/** Others whose scores are nearest and whose predictions are compared. */
const NEIGHBOURS = 50;

/**
 * Looks, once a submission is scored, for what points at unfair play: another entrant's same or almost same answers, and
 * an entrant who asks about single rows. What it finds decides nothing: a person judges. Repeating it changes nothing.
 */
export async function lookForUnfairness(ctx: Context, submissionId: string): Promise<void> {
  const submission = await findSubmission(ctx.db, { id: submissionId });
  if (submission?.state !== "scored" || submission.trial) return;
  const { roundId, entrantId, competitionId, predictionsDigest: digest, score } = submission;
  const newest = await newestOf(ctx.db, roundId, entrantId, WINDOW);
  const own = newest.find(({ id }) => id === submissionId);
  const note = (
    kind: "duplicate" | "near_duplicate" | "probing",
    parties: readonly string[],
    evidence: Record<string, unknown>,
  ) =>
    insertFinding(ctx.db, {
      id: ctx.ids.next("finding"),
      competitionId,
      roundId,
      kind,
      subject: parties.toSorted().join(" "),
      evidence,
      foundAt: ctx.clock.now(),
    });

  if (digest !== null)
    for (const other of await sameAnswers(ctx.db, { roundId, entrantId, digest }))
      await note("duplicate", [entrantId, other.entrantId], {
        entrants: [own?.team ?? entrantId, other.team],
        submissions: [submissionId, other.id],
        similarity: 1,
      });
  if (own && score !== null)
    for (const other of await nearestOnBoard(ctx.db, { roundId, entrantId, score }, NEIGHBOURS)) {
      const alike = similarity(own, other);
      if (alike === null || alike < NEAR) continue;
      await note("near_duplicate", [entrantId, other.entrantId], {
        entrants: [own.team, other.team],
        submissions: [submissionId, other.id],
        similarity: alike,
      });
    }
  const probing = probingIn(newest);
  if (probing)
    await note("probing", [entrantId], {
      entrants: [own?.team ?? entrantId],
      submissions: newest.map(({ id }) => id),
      small_steps: probing.small,
      steps: probing.steps,
    });
}
