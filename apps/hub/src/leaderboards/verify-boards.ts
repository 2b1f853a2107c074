import type { Id } from "@podium/shared";
import { boardRule } from "@podium/shared/boards/board-rule";
import { findCompetition, type RoundRow, recordChange } from "../competitions/index.ts";
import type { Context } from "../platform/context.ts";
import { emit } from "../platform/outbox.ts";
import { countsFor, entrantChunks } from "./counting/store.ts";
import { replayLadder } from "./ladder/replay.ts";
import {
  type BoardRow,
  type Difference,
  differences,
  lockStandings,
  roundsToVerify,
  settledEntrants,
  writeDifferences,
} from "./store.ts";
import { settleSurvivors } from "./survivors/settle.ts";

/** A round that closed longer ago is not looked at any more. */
const RECENT_MS = 14 * 86_400_000;
/** Whose submissions ended this recently may have a reaction under way that brings its rows up to date. */
const UNDER_WAY_MS = 15 * 60_000;
/** Differences that are written into the contest's history one by one; the rest is counted. */
const TOLD = 100;

/**
 * Compares the stored boards of rounds that are open or closed recently with what their submissions give (invariant
 * 8). There should be no difference, so one is an error that is logged, told in the contest's history, with both rows,
 * and to organizer and administrators; then the rows are made right.
 * @returns how many rows were other than they should be
 */
export async function verifyBoards(ctx: Context): Promise<number> {
  const since = new Date(ctx.clock.now().getTime() - RECENT_MS);
  let found = 0;
  for (const round of await roundsToVerify(ctx.db, since)) found += await verifyRound(ctx, round);
  return found;
}

async function verifyRound(ctx: Context, round: RoundRow): Promise<number> {
  const competition = (await findCompetition(ctx.db, { id: round.competitionId }))?.competition;
  if (!competition) return 0;
  const rule = boardRule(competition.definition, round.definition);
  const settledBy = new Date(ctx.clock.now().getTime() - UNDER_WAY_MS);
  let count = 0;
  for await (const chunk of entrantChunks(ctx.db, round.id)) {
    const ids = await settledEntrants(ctx.db, round.id, chunk, settledBy);
    if (ids.length === 0) continue;
    if (rule.ladder) for (const id of ids) await replayLadder(ctx, round.id, id);
    const suspects = await differences(ctx.db, round.id, await countsFor(ctx.db, rule, round.id, ids));
    if (suspects.length === 0) continue;
    count += await ctx.db.transaction(async (tx) => {
      // Looked at again under the lock: what was being written meanwhile is no difference.
      const again = [...new Set(suspects.map(({ entrantId }) => entrantId))];
      await lockStandings(tx, again);
      const wrong = await differences(tx, round.id, await countsFor(tx, rule, round.id, again));
      if (wrong.length === 0) return 0;
      const details = { rows: wrong.length, differences: wrong.slice(0, TOLD).map(describe) };
      ctx.log.error({ round: round.id, ...details }, "a leaderboard was other than its submissions give");
      await writeDifferences(tx, round.id, wrong, true);
      await settleSurvivors(tx, competition, round);
      const { competitionId, id: roundId } = round;
      const action = "leaderboard repaired";
      await emit(ctx, tx, {
        type: "leaderboard.repaired",
        change_id: await recordChange(ctx, tx, { competitionId, roundId, action, details }),
        team_id: competition.teamId as Id<"team">,
      });
      await emit(ctx, tx, {
        type: "leaderboard.changed",
        competition_id: competitionId as Id<"competition">,
        round_id: roundId as Id<"round">,
      });
      return wrong.length;
    });
  }
  return count;
}

/** Both rows, for people; of the final board only which submission stood there, for its scores may be secret. */
function describe({ entrantId, board, before, after }: Difference) {
  const row = (of: Pick<BoardRow, "score" | "submissions" | "bestSubmissionId"> | null) =>
    of && {
      submission: of.bestSubmissionId,
      submissions: of.submissions,
      ...(board === "public" ? { score: of.score } : {}),
    };
  return { entrant: entrantId, board, stored: row(before), recomputed: row(after) };
}
