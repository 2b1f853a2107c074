import { type CompetitionDefinition, DomainError, type Id, type SubmissionResult } from "@podium/shared";
import { findCompetition, findRound, listRounds } from "../../competitions/index.ts";
import { type Context, mayUseTeam, requireUser } from "../../platform/context.ts";
import { submissionsOfRound } from "./store.ts";

/** A contest's rules, its rounds, and which of their submissions the caller may read. @throws DomainError `not_found` */
export async function competitionResults(ctx: Context, name: string) {
  const { competition, organizes } = await competitionOf(ctx, name);
  const rounds = await listRounds(ctx.db, competition.id);
  return {
    competition: competition.name,
    definition: competition.definition as Record<string, unknown>,
    rounds: rounds.map((round) => ({
      round: round.name,
      definition: round.definition as Record<string, unknown>,
      state: round.state,
      closed_at: round.closedAt?.toISOString() ?? null,
      advanced_at: round.advancedAt?.toISOString() ?? null,
      revealed_at: round.revealedAt?.toISOString() ?? null,
      readable: organizes || round.revealedAt !== null,
    })),
  };
}

/**
 * All submissions of a round with their scores, by id: for the organizer, and for anybody once it is revealed,
 * without memos, failures, trial runs and hidden columns that decide nothing.
 * @throws DomainError `not_found`, `forbidden`
 */
export async function roundResults(
  ctx: Context,
  input: { name: string; round: string; limit: number; after?: string | undefined },
): Promise<SubmissionResult[]> {
  const { competition, organizes } = await competitionOf(ctx, input.name);
  const round = await findRound(ctx.db, { competitionId: competition.id, name: input.round });
  if (!round)
    throw new DomainError("not_found", `Competition "${input.name}" has no round called "${input.round}".`);
  if (!organizes && round.revealedAt === null)
    throw new DomainError(
      "forbidden",
      `The results of round "${round.name}" can be read by its organizer, and by everybody once it is revealed.`,
    );
  const secret = organizes ? new Set<string>() : secretColumns(competition.definition);
  const rows = await submissionsOfRound(ctx.db, round.id, input.limit, input.after);
  return rows.map(
    ({ submission, team }): SubmissionResult => ({
      id: submission.id as Id<"submission">,
      entrant: team,
      number: submission.number,
      kind: submission.kind,
      state: submission.state,
      trial: submission.trial,
      selected: submission.selected,
      submitted_at: submission.submittedAt.toISOString(),
      ended_at: submission.endedAt?.toISOString() ?? null,
      score: submission.score,
      columns: without(submission.columns, secret),
      private_score: submission.privateScore,
      private_columns: without(submission.privateColumns, secret),
      predictions_digest: submission.predictionsDigest,
      refunded: submission.refunded,
      failure: organizes ? submission.failure : null,
      memo: organizes ? submission.memo : null,
    }),
  );
}

async function competitionOf(ctx: Context, name: string) {
  requireUser(ctx);
  const found = await findCompetition(ctx.db, { name });
  if (!found) throw new DomainError("not_found", `There is no competition called "${name}".`);
  const { competition } = found;
  return { competition, organizes: mayUseTeam(ctx, competition.teamId) };
}

/** Hidden columns; one that breaks ties is needed to recompute the ranks, and is shown once they are. */
function secretColumns({ columns, tie_breaks }: CompetitionDefinition): Set<string> {
  return new Set(
    columns.filter(({ hidden, key }) => hidden && !tie_breaks.includes(key)).map(({ key }) => key),
  );
}

function without(values: Record<string, number> | null, keys: ReadonlySet<string>) {
  return values && Object.fromEntries(Object.entries(values).filter(([key]) => !keys.has(key)));
}
