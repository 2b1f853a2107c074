import { type Id, orderOf } from "@podium/shared";
import { boardRule } from "@podium/shared/boards/board-rule";
import { survivorsOf } from "@podium/shared/boards/rank";
import { advanceRound, roundOfOrganizer } from "../../competitions/index.ts";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { entrantChunks } from "../counting/store.ts";
import { markSurvivors } from "../store.ts";
import { syncEntrants } from "../update.ts";
import { finalStandings } from "./store.ts";

/**
 * Lets a closed round's survivors enter the next, by the board that its submissions give at this moment.
 * @throws DomainError `not_found`, `forbidden`, `conflict`
 */
export async function advance(
  ctx: Context,
  tx: Tx,
  input: { name: string; round: string; reason?: string | undefined },
): Promise<void> {
  const { competition, round } = await roundOfOrganizer(ctx, input.name, input.round);
  const { definition } = competition;
  const decideSurvivors = async () => {
    // Whoever was banned, or judged anew, a moment ago counts as such although no event has been handled yet.
    const rule = boardRule(definition, round.definition);
    for await (const ids of entrantChunks(tx, round.id)) await syncEntrants(tx, rule, round.id, ids, false);
    const sorted = await finalStandings(tx, round.id);
    const survivors = survivorsOf(sorted, round.definition.survivors, orderOf(definition.metric));
    await markSurvivors(tx, round.id, survivors);
    return survivors;
  };
  await advanceRound(ctx, tx, round.id, { reason: input.reason, decideSurvivors });
  await emit(ctx, tx, {
    type: "leaderboard.changed",
    competition_id: competition.id as Id<"competition">,
    round_id: round.id as Id<"round">,
  });
}
