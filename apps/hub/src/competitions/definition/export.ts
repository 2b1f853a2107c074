import type { CompetitionDefinition, RoundData } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { organizedCompetition } from "./organized.ts";
import { dataOf } from "./plan-rounds.ts";
import { roundsWithData } from "./store.ts";

/**
 * All that `create` was given, with what edits have made of it. The organizer's alone, for labels and secrets are in
 * it. @throws DomainError `not_found`, `forbidden`
 */
export async function exportCompetition(
  ctx: Context,
  name: string,
): Promise<{ version: number; definition: CompetitionDefinition; data: RoundData[] }> {
  const { competition } = await organizedCompetition(ctx, ctx.db, name);
  const rounds = await roundsWithData(ctx.db, competition.id);
  return { version: competition.version, definition: competition.definition, data: rounds.map(dataOf) };
}
