import { type Competition, DomainError, type Id, orderOf, type Submission } from "@podium/shared";
import { type Context, isAdmin, requireUser, visibleTeams } from "../platform/context.ts";
import { type CompetitionRow, findShown, type RoundRow } from "./store.ts";

/** A round as the API shows it; its training data only once it has opened. */
export function showRound(round: RoundRow, competition: { name: string; team: string }) {
  const dataset = round.state === "upcoming" ? null : `${competition.team}/${competition.name}-${round.name}`;
  return {
    id: round.id as Id<"round">,
    number: round.number,
    name: round.name,
    title: round.definition.title ?? round.name,
    state: round.state,
    dataset,
    opens_at: round.opensAt?.toISOString() ?? null,
    closes_at: round.closesAt?.toISOString() ?? null,
    opened_at: round.openedAt?.toISOString() ?? null,
    closed_at: round.closedAt?.toISOString() ?? null,
    per_day: round.definition.limits.per_day,
    total: round.definition.limits.total,
    ...shownCommitment(round),
  };
}

/** The hash is for all to see from the opening on; what it is over once the round has been revealed. */
function shownCommitment({ commitment, commitmentNonce, committed, revealedAt, ...now }: RoundRow) {
  if (!revealedAt || !committed || !commitmentNonce)
    return { commitment, committed: null, labels_replaced: null };
  const isSame = committed.labels_tree === now.labelsTree && committed.scorer_tree === now.scorerTree;
  return { commitment, committed: { ...committed, nonce: commitmentNonce }, labels_replaced: !isSame };
}

export function showCompetition(
  row: CompetitionRow,
  team: string,
  rounds: readonly RoundRow[],
  entrants: number,
): Competition {
  const { definition } = row;
  return {
    id: row.id as Id<"competition">,
    name: row.name,
    title: definition.title,
    description: definition.description,
    organizer: team,
    metric: definition.metric.name,
    order: orderOf(definition.metric),
    rounds: rounds.map((round) => showRound(round, { name: row.name, team })),
    entrants,
    created_at: row.createdAt.toISOString(),
  };
}

type ShownSubmission = NonNullable<Awaited<ReturnType<typeof findShown>>>;

export function showSubmission({ submission, competition, round, entrant }: ShownSubmission): Submission {
  return {
    id: submission.id as Id<"submission">,
    competition,
    round,
    entrant,
    number: submission.number,
    kind: submission.kind,
    state: submission.state,
    score: submission.score,
    failure: submission.failure,
    refunded: submission.refunded,
    submitted_at: submission.submittedAt.toISOString(),
    ended_at: submission.endedAt?.toISOString() ?? null,
  };
}

/** A submission of the actor's team, or of a competition that it organizes. @throws DomainError `not_found` */
export async function visibleSubmission(ctx: Context, id: string): Promise<Submission> {
  requireUser(ctx);
  const row = await findShown(ctx.db, id);
  const teams = visibleTeams(ctx);
  const allowed =
    row &&
    (isAdmin(ctx) || teams?.some((team) => team === row.submission.teamId || team === row.organizerId));
  if (!row || !allowed) throw new DomainError("not_found", `There is no submission ${id} that you may see.`);
  return showSubmission(row);
}
