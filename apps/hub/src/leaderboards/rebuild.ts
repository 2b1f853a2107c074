import type { Id } from "@podium/shared";
import { boardRule } from "@podium/shared/boards/board-rule";
import { findCompetition, findRound, listRounds } from "../competitions/index.ts";
import type { Context } from "../platform/context.ts";
import { emit } from "../platform/outbox.ts";
import { entrantChunks } from "./counting/store.ts";
import { replayLadder } from "./ladder/replay.ts";
import { nextVersion } from "./store.ts";
import { settleSurvivors } from "./survivors/settle.ts";
import { syncEntrants } from "./update.ts";

/**
 * Works a round's boards out of its submissions again, where they differ: after its definition or its scores became
 * others. Some entrants at a time, so that none waits long for its lock; a crash in between is made good by the
 * event's next delivery.
 */
async function rebuildBoards(ctx: Context, roundId: string): Promise<void> {
  const round = await findRound(ctx.db, { id: roundId });
  const found = round ? await findCompetition(ctx.db, { id: round.competitionId }) : null;
  if (!round || !found || round.state === "upcoming") return;
  const rule = boardRule(found.competition.definition, round.definition);
  let changed = false;
  for await (const ids of entrantChunks(ctx.db, roundId)) {
    if (rule.ladder) for (const id of ids) await replayLadder(ctx, roundId, id);
    changed = (await ctx.db.transaction((tx) => syncEntrants(tx, rule, roundId, ids, true))) || changed;
  }
  if (!changed) return;
  await ctx.db.transaction(async (tx) => {
    await settleSurvivors(tx, found.competition, round);
    await emit(ctx, tx, {
      type: "leaderboard.changed",
      competition_id: round.competitionId as Id<"competition">,
      round_id: round.id as Id<"round">,
    });
  });
}

/** The same after a rejudging, which has changed what the boards of past times were, too. */
export async function rebuildJudged(ctx: Context, roundId: string): Promise<void> {
  await rebuildBoards(ctx, roundId);
  await ctx.db.transaction((tx) => nextVersion(tx, roundId, true));
}

/** The same for all rounds of a competition that have begun. */
export async function rebuildCompetition(ctx: Context, competitionId: string): Promise<void> {
  for (const round of await listRounds(ctx.db, competitionId)) await rebuildBoards(ctx, round.id);
}
