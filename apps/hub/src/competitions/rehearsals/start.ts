import type { CompetitionDefinition, createCompetitionSchema, Id } from "@podium/shared";
import type { z } from "zod";
import { type Context, requireUser, resolveTeam } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { createCompetition } from "../definition/create.ts";
import { termsHash } from "../entrants/terms.ts";
import { insertEntrant } from "../store.ts";

type Input = z.infer<typeof createCompetitionSchema>;

/**
 * Makes a copy of a contest that only its organizers see, with themselves as its one entrant and its first round open. A
 * round opens when the one before it is closed by hand. It is scored, limited and concluded as any other, and `endRehearsal`
 * takes it away. @throws DomainError as `createCompetition`
 */
export async function startRehearsal(ctx: Context, tx: Tx, input: Input): Promise<Id<"competition">> {
  const team = resolveTeam(ctx, input.team);
  const { userId } = requireUser(ctx);
  const definition = rehearsed(ctx, input.definition);
  const competitionId = await createCompetition(ctx, tx, { ...input, definition }, { rehearsal: true });
  const hash = termsHash(definition);
  await insertEntrant(tx, {
    id: ctx.ids.next("entrant"),
    competitionId,
    teamId: team.id,
    state: "active",
    round: 1,
    joinedAt: ctx.clock.now(),
    termsHash: hash,
    termsAcceptedBy: hash === null ? null : userId,
  });
  return competitionId;
}

/** The contest under a name of its own, on no clock. */
function rehearsed(ctx: Context, definition: CompetitionDefinition): CompetitionDefinition {
  return {
    ...definition,
    name: `rehearsal-${ctx.ids.next("competition").slice(-12)}`,
    advance: "automatic",
    rounds: definition.rounds.map(
      ({ opens_at: _opens, closes_at: _closes, freeze: _freeze, ...round }) => round,
    ),
  };
}
