import { createHash } from "node:crypto";
import { commitmentHash } from "@podium/shared";
import { findCompetition, lockRound, updateRound } from "../competitions/index.ts";
import type { Context } from "../platform/context.ts";
import { randomName } from "../platform/secrets.ts";
import { judgingOf, scorerVersion } from "./judging.ts";

/**
 * Binds the organizer, when a round has opened, to the labels and the scorer that it has then: publishes a hash over
 * them, once. Whoever edits them in secret can't make the hash fit again.
 * @param random  gives a word that nobody can guess
 */
export async function commitRound(ctx: Context, roundId: string, random = randomName): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const round = await lockRound(tx, roundId);
    const found = round ? await findCompetition(tx, { id: round.competitionId }) : null;
    if (!round || !found || round.state === "upcoming" || round.commitment) return;
    const committed = {
      labels_tree: round.labelsTree,
      scorer_tree: round.scorerTree,
      scorer_version: scorerVersion(judgingOf({ definition: found.competition.definition, round }, false)),
    };
    const commitmentNonce = `${random()}${random()}`;
    const commitment = commitmentHash({ ...committed, nonce: commitmentNonce }, createHash);
    await updateRound(tx, roundId, { commitment, commitmentNonce, committed });
  });
}
