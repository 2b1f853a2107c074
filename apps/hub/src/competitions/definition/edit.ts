import {
  type CompetitionDefinition,
  type DefinitionChange,
  DomainError,
  type editCompetitionSchema,
  type Id,
} from "@podium/shared";
import type { z } from "zod";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { recordChange } from "../history/record-change.ts";
import type { CompetitionRow, RoundRow } from "../store.ts";
import { applyRounds } from "./apply-rounds.ts";
import { checkRoundData } from "./check-data.ts";
import { diffDefinitions } from "./diff.ts";
import { forbiddenChanges } from "./editable.ts";
import { organizedCompetition } from "./organized.ts";
import { changedData, type PlannedRound, planRounds } from "./plan-rounds.ts";
import {
  insertVersion,
  lockCompetition,
  lockRounds,
  reachedRound,
  roundsWithData,
  updateCompetition,
} from "./store.ts";
import { requireTexts } from "./texts.ts";

type Edit = z.infer<typeof editCompetitionSchema> & {
  /** The version that was edited: when the competition has another, somebody else was faster. */
  version: number;
  /** Checks all, says what would change, and writes nothing. */
  dryRun: boolean;
};

/**
 * Puts another definition in the place of a competition's own, as a new version with a line in its history; or nothing.
 * @throws DomainError `not_found`, `forbidden`, `invalid_bundle`, `conflict` when the version is another or when the
 * state of its rounds forbids a change (`errors` says each)
 */
export async function editCompetition(
  ctx: Context,
  tx: Tx,
  name: string,
  edit: Edit,
): Promise<{ version: number; changes: DefinitionChange[] }> {
  const { competition: found, team } = await organizedCompetition(ctx, tx, name);
  const competition = await lockCompetition(tx, found.id);
  if (competition?.version !== edit.version)
    throw new DomainError(
      "conflict",
      `"${name}" is at version ${competition?.version}, and you edited version ${edit.version}. Export it and make your changes there: podium competition export ${name} FOLDER.`,
    );
  requireTexts(edit.definition);
  const rows = await lockRounds(tx, competition.id);
  const plan = planRounds(edit.definition, await roundsWithData(tx, competition.id), edit.data);
  const changes = [...diffDefinitions(competition.definition, edit.definition), ...changedData(plan)];
  refuseForbidden(ctx, rows, changes);
  await refuseLostRounds(tx, competition, rows, plan);
  const owner = { id: competition.teamId as Id<"team">, slug: team };
  for (const { now, data, definition: round } of plan)
    if (!now || now.row.state === "upcoming")
      await checkRoundData(ctx, tx, { team: owner, definition: edit.definition, round, data });
  if (edit.dryRun || changes.length === 0) return { version: competition.version, changes };

  const version = competition.version + 1;
  await applyRounds(ctx, tx, {
    competitionId: competition.id,
    team: owner,
    definition: edit.definition,
    rows,
    plan,
  });
  await storeVersion(ctx, tx, competition, edit.definition);
  await recordChange(ctx, tx, {
    competitionId: competition.id,
    action: "edited",
    reason: edit.reason,
    details: { version, changes },
  });
  await emit(ctx, tx, { type: "competition.changed", competition_id: competition.id as Id<"competition"> });
  return { version, changes };
}

function refuseForbidden(
  ctx: Context,
  rounds: readonly RoundRow[],
  changes: readonly DefinitionChange[],
): void {
  const errors = forbiddenChanges(changes, { now: ctx.clock.now(), rounds });
  if (errors.length > 0)
    throw new DomainError("conflict", errors.map(({ path, message }) => `${path} ${message}`).join("; "), {
      errors,
    });
}

/** Rounds come and go only where entrants don't stand, and where they can still come to. */
async function refuseLostRounds(
  tx: Tx,
  competition: CompetitionRow,
  rows: readonly RoundRow[],
  plan: readonly PlannedRound[],
): Promise<void> {
  const reached = await reachedRound(tx, competition.id);
  if (plan.length < reached)
    throw new DomainError(
      "conflict",
      `Entrants have reached round ${reached}: there must be as many rounds, and there are ${plan.length}.`,
    );
  const isOver = rows.at(-1)?.state === "closed" && competition.definition.advance === "automatic";
  if (isOver && plan.some(({ now }) => now === null))
    throw new DomainError(
      "conflict",
      "The last round has closed and nobody could enter another. Make a new competition.",
    );
}

/** Keeps every edition; that of a competition from before there were any is kept now. */
async function storeVersion(
  ctx: Context,
  tx: Tx,
  { id: competitionId, version, definition: old, createdBy, createdAt }: CompetitionRow,
  definition: CompetitionDefinition,
): Promise<void> {
  const by = ctx.actor.kind === "user" ? ctx.actor.userId : null;
  if (version === 1)
    await insertVersion(tx, {
      competitionId,
      version,
      definition: old,
      changedBy: createdBy,
      changedAt: createdAt,
    });
  const next = version + 1;
  await insertVersion(tx, {
    competitionId,
    version: next,
    definition,
    changedBy: by,
    changedAt: ctx.clock.now(),
  });
  await updateCompetition(tx, competitionId, { definition, version: next });
}
