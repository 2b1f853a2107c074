import { type createCompetitionSchema, DomainError, type Id } from "@podium/shared";
import type { z } from "zod";
import { type Context, isAdmin, requireUser, resolveTeam } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { openRound } from "../rounds/open-round.ts";
import { findRound, insertCompetition } from "../store.ts";
import { addRound } from "./add-round.ts";
import { insertVersion } from "./store.ts";
import { requireTexts } from "./texts.ts";

type CreateCompetition = z.infer<typeof createCompetitionSchema>;

/**
 * Makes a competition with all its rounds, or nothing. The first round opens at once unless it has a time.
 * @throws DomainError `forbidden` without the organizer role, `conflict` for a taken name, `invalid_bundle`
 */
export async function createCompetition(
  ctx: Context,
  tx: Tx,
  input: CreateCompetition,
  { rehearsal } = { rehearsal: false },
): Promise<Id<"competition">> {
  const { role } = requireUser(ctx);
  if (role !== "organizer" && !isAdmin(ctx)) {
    throw new DomainError(
      "forbidden",
      "Only organizers may create competitions. Ask an administrator: podium admin role EMAIL organizer.",
    );
  }
  const team = resolveTeam(ctx, input.team);
  const { definition } = input;
  requireTexts(definition);
  const id = ctx.ids.next("competition");
  const now = ctx.clock.now();
  const createdBy = ctx.actor.kind === "user" ? ctx.actor.userId : null;
  if (
    !(await insertCompetition(tx, {
      id,
      teamId: team.id,
      name: definition.name,
      definition,
      rehearsal,
      createdBy,
      createdAt: now,
    }))
  ) {
    throw new DomainError(
      "conflict",
      `There is a competition called "${definition.name}" already. Choose another name.`,
    );
  }
  for (const [index, round] of definition.rounds.entries()) {
    const data = input.data.find((each) => each.round === round.name);
    if (!data)
      throw new DomainError(
        "invalid_bundle",
        `Round "${round.name}" has no data: push its folders first (podium competition create does).`,
      );
    await addRound(ctx, tx, { competitionId: id, team, definition, number: index + 1, round, data });
  }
  await insertVersion(tx, {
    competitionId: id,
    version: 1,
    definition,
    changedBy: createdBy,
    changedAt: now,
  });
  const first = await findRound(tx, { competitionId: id, name: definition.rounds[0]?.name ?? "" });
  if (first && (!first.opensAt || first.opensAt <= now)) await openRound(ctx, tx, first);
  await emit(ctx, tx, { type: "competition.changed", competition_id: id });
  return id;
}
