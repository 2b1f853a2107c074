import type { Id } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { recordChange } from "../history/record-change.ts";
import { countUnderWay, findCompetition, lockEntrants, lockRound, updateRound } from "../store.ts";
import { enterNextRound } from "./advance-round.ts";

/**
 * Ends a closing round when nothing of it is under way, in the caller's transaction. Its final board is shown, and
 * its survivors enter the next round, at once unless the definition leaves that to the organizer.
 * @param decideSurvivors  called under the round's and its entrants' locks; gives the surviving entrants
 * @returns the survivors that have advanced, or null where that is left to the organizer; false when the round is
 *   not closing, or submissions are still under way
 */
export async function concludeRound(
  ctx: Context,
  tx: Tx,
  roundId: string,
  decideSurvivors: (roundId: string) => Promise<string[]>,
): Promise<{ advanced: string[] | null } | false> {
  const round = await lockRound(tx, roundId);
  if (round?.state !== "closing" || (await countUnderWay(tx, roundId)) > 0) return false;
  const found = await findCompetition(tx, { id: round.competitionId });
  if (!found) throw new Error(`The competition of round ${roundId} is gone.`);
  const { leaderboard, advance } = found.competition.definition;
  await lockEntrants(tx, round.competitionId);
  const now = ctx.clock.now();
  const survivors = await decideSurvivors(roundId);
  const reveals = leaderboard.reveal === "automatic";
  const advances = advance === "automatic";
  await updateRound(tx, roundId, {
    state: "closed",
    closedAt: now,
    ...(reveals ? { revealedAt: now } : {}),
  });
  if (advances) await enterNextRound(ctx, tx, round, survivors);
  await recordChange(ctx, tx, {
    competitionId: round.competitionId,
    roundId,
    action: "concluded",
    details: { survivors: survivors.length, advanced: advances, revealed: reveals },
  });
  await emit(ctx, tx, {
    type: "round.closed",
    competition_id: round.competitionId as Id<"competition">,
    round_id: round.id as Id<"round">,
  });
  return { advanced: advances ? survivors : null };
}
