import { orderOf, type SurvivorRule } from "@podium/shared";
import { survivorsOf } from "@podium/shared/boards/rank";
import { type CompetitionRow, listRounds, type RoundRow } from "../../competitions/index.ts";
import type { Tx } from "../../platform/database.ts";
import { markSurvivors } from "../store.ts";
import { finalStandings } from "./store.ts";

/**
 * Marks again who survives the last round, after its final board became another: nobody has gone anywhere from it, so
 * the rule still decides. Of a round before it those survive who have advanced.
 */
export async function settleSurvivors(tx: Tx, competition: CompetitionRow, round: RoundRow): Promise<void> {
  if (!round.advancedAt) return;
  const rounds = await listRounds(tx, competition.id);
  if (rounds.some(({ number }) => number > round.number)) return;
  const rule: SurvivorRule = round.definition.survivors;
  const order = orderOf(competition.definition.metric);
  await markSurvivors(tx, round.id, survivorsOf(await finalStandings(tx, round.id), rule, order));
}
