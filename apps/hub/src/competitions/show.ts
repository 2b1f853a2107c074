import { type Competition, DomainError, type Id, orderOf, type Submission } from "@podium/shared";
import { type Context, isAdmin, mayUseTeam, requireUser, visibleTeams } from "../platform/context.ts";
import {
  type CompetitionRow,
  countEntrants,
  findCompetition,
  findRound,
  findShown,
  listRounds,
  type RoundRow,
} from "./store.ts";
import { queuePlace } from "./submissions/queue-place.ts";
import { placesOf } from "./submissions/store.ts";

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
    paused_at: round.pausedAt?.toISOString() ?? null,
    accepts: round.definition.accepts,
    sample: round.sampleInputsTree !== null && round.sampleLabelsTree !== null,
    split: splitOf(round),
    per_day: round.definition.limits.per_day,
    total: round.definition.limits.total,
    ...shownCommitment(round),
  };
}

/** How many rows are public, never which: the seed would tell. */
function splitOf({ definition: { split } }: RoundRow) {
  if (!split) return null;
  return { share: "share" in split ? split.share : null };
}

/** A round by its name, as the API shows it. @throws DomainError `not_found` */
export async function showRoundNamed(ctx: Context, name: string, roundName: string) {
  const found = await findCompetition(ctx.db, { name });
  const round = found
    ? await findRound(ctx.db, { competitionId: found.competition.id, name: roundName })
    : null;
  if (!found || !round)
    throw new DomainError("not_found", `There is no round "${roundName}" of a competition called "${name}".`);
  return showRound(round, { name, team: found.team });
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
    columns: definition.columns
      .filter(({ hidden }) => !hidden)
      .map(({ key, title, metric }) => ({ key, title: title ?? key, order: orderOf(metric) })),
    tie_breaks: definition.tie_breaks,
    terms: definition.terms !== undefined,
    selects: typeof definition.leaderboard.final === "object" ? definition.leaderboard.final.selected : null,
    rounds: rounds.map((round) => showRound(round, { name: row.name, team })),
    entrants,
    version: row.version,
    created_at: row.createdAt.toISOString(),
  };
}

/** A competition with its rounds, as the API shows it. @throws DomainError `not_found` */
export async function shownCompetition(
  ctx: Context,
  by: { name: string } | { id: string },
): Promise<Competition> {
  requireUser(ctx);
  const found = await findCompetition(ctx.db, by);
  if (!found)
    throw new DomainError("not_found", `There is no competition called "${"name" in by ? by.name : by.id}".`);
  const { competition, team } = found;
  const counts = await countEntrants(ctx.db, [competition.id]);
  return showCompetition(
    competition,
    team,
    await listRounds(ctx.db, competition.id),
    counts.get(competition.id) ?? 0,
  );
}

type ShownSubmission = NonNullable<Awaited<ReturnType<typeof findShown>>>;

/**
 * With the Ladder, the score that it shows stands on the board and in the entrant's history; the real one is the organizer's.
 * @param queue  its place, where it waits
 */
function showSubmission(
  ctx: Context,
  { submission, competition, round, entrant, organizerId, infer, ladder }: ShownSubmission,
  queue: Submission["queue"],
): Submission {
  // The log of what saw hidden inputs is the organizer's alone.
  const showsSession = infer !== null && (!infer.hidden || mayUseTeam(ctx, organizerId));
  return {
    id: submission.id as Id<"submission">,
    competition,
    round,
    entrant,
    number: submission.number,
    kind: submission.kind,
    trial: submission.trial,
    selected: submission.selected,
    memo: submission.memo,
    state: submission.state,
    queue,
    session: showsSession ? infer.name : null,
    score: ladder && !submission.trial && !mayUseTeam(ctx, organizerId) ? null : submission.score,
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
  return showSubmission(ctx, row, await queuePlace(ctx, row.submission));
}

/** A list of submissions, with their places but without estimates: each of those costs a look at the whole cluster. */
export async function showSubmissions(ctx: Context, rows: readonly ShownSubmission[]): Promise<Submission[]> {
  const going = rows.filter(({ submission }) => submission.endedAt === null);
  const places = await placesOf(
    ctx.db,
    going.map(({ submission }) => submission.id),
  );
  return rows.map((row) => {
    const place = places.get(row.submission.id);
    if (!place) return showSubmission(ctx, row, null);
    const { position, waitsFor } = place;
    return showSubmission(ctx, row, { position, waits_for: waitsFor, starts_at: null });
  });
}
