import { and, count, desc, eq, gte, inArray, isNull, lt, lte, not, or, type SQL, sql } from "drizzle-orm";
import type { Db, Tx } from "../platform/database.ts";
import { sessions } from "../sessions/schema.ts";
import { teams } from "../teams/schema.ts";
import { competitions, entrants, rounds, submissions } from "./schema.ts";

export type CompetitionRow = typeof competitions.$inferSelect;
export type RoundRow = typeof rounds.$inferSelect;
export type EntrantRow = typeof entrants.$inferSelect;
export type SubmissionRow = typeof submissions.$inferSelect;

const DAY_MS = 86_400_000;
/** The same words that the index is made with, or it would not be used. */
export const isUnderWay = sql`${submissions.state} in ('queued', 'inferring', 'scoring')`;

export async function insertCompetition(tx: Tx, row: typeof competitions.$inferInsert): Promise<boolean> {
  return (await tx.insert(competitions).values(row).onConflictDoNothing().returning()).length === 1;
}
export async function insertRound(tx: Tx, row: typeof rounds.$inferInsert): Promise<void> {
  await tx.insert(rounds).values(row);
}

export async function findCompetition(db: Db | Tx, by: { name: string } | { id: string }) {
  const [row] = await db
    .select({ competition: competitions, team: teams.slug })
    .from(competitions)
    .innerJoin(teams, eq(teams.id, competitions.teamId))
    .where("name" in by ? eq(competitions.name, by.name) : eq(competitions.id, by.id));
  return row ?? null;
}

export function listCompetitions(db: Db | Tx, limit: number, before: string | undefined) {
  return db
    .select({ competition: competitions, team: teams.slug })
    .from(competitions)
    .innerJoin(teams, eq(teams.id, competitions.teamId))
    .where(and(eq(competitions.rehearsal, false), before ? lt(competitions.id, before) : undefined))
    .orderBy(desc(competitions.id))
    .limit(limit);
}

export async function countEntrants(
  db: Db | Tx,
  competitionIds: readonly string[],
): Promise<Map<string, number>> {
  if (competitionIds.length === 0) return new Map();
  const rows = await db
    .select({ id: entrants.competitionId, n: count() })
    .from(entrants)
    .where(inArray(entrants.competitionId, [...competitionIds]))
    .groupBy(entrants.competitionId);
  return new Map(rows.map((row) => [row.id, row.n]));
}

export function listRounds(db: Db | Tx, competitionId: string): Promise<RoundRow[]> {
  return db.select().from(rounds).where(eq(rounds.competitionId, competitionId)).orderBy(rounds.number);
}

/** Rounds of several competitions, each competition's in order. */
export async function roundsByCompetition(
  db: Db | Tx,
  competitionIds: readonly string[],
): Promise<Map<string, RoundRow[]>> {
  if (competitionIds.length === 0) return new Map();
  const rows = await db
    .select()
    .from(rounds)
    .where(inArray(rounds.competitionId, [...competitionIds]))
    .orderBy(rounds.number);
  return Map.groupBy(rows, (row) => row.competitionId);
}

export async function findRound(
  db: Db | Tx,
  by: { id: string } | { competitionId: string; name: string },
): Promise<RoundRow | null> {
  const where =
    "id" in by
      ? eq(rounds.id, by.id)
      : and(eq(rounds.competitionId, by.competitionId), eq(rounds.name, by.name));
  const [row] = await db.select().from(rounds).where(where);
  return row ?? null;
}

/** Locks the round, to open or close it: nobody joins, and nothing is accepted, meanwhile. */
export async function lockRound(tx: Tx, id: string): Promise<RoundRow | null> {
  const [row] = await tx.select().from(rounds).where(eq(rounds.id, id)).for("no key update");
  return row ?? null;
}

/** Holds the round as it is: many may at once, while it can be neither opened nor closed. */
export async function holdRound(tx: Tx, id: string): Promise<RoundRow | null> {
  const [row] = await tx.select().from(rounds).where(eq(rounds.id, id)).for("share");
  return row ?? null;
}

export async function updateRound(
  tx: Tx,
  id: string,
  set: Partial<typeof rounds.$inferInsert>,
): Promise<void> {
  await tx.update(rounds).set(set).where(eq(rounds.id, id));
}

/** Rounds whose time has come: to open (those before are closed, and who survived them has advanced), or to close. */
export async function dueRounds(db: Db | Tx, now: Date): Promise<{ open: RoundRow[]; close: RoundRow[] }> {
  const itsTurn = sql`not exists (select 1 from rounds before where before.competition_id = rounds.competition_id
    and before.number < rounds.number and (before.state <> 'closed' or before.advanced_at is null))`;
  const open = await db
    .select()
    .from(rounds)
    .where(and(eq(rounds.state, "upcoming"), lte(rounds.opensAt, now), itsTurn));
  const close = await db
    .select()
    .from(rounds)
    .where(and(eq(rounds.state, "open"), lte(rounds.closesAt, now), isNull(rounds.pausedAt)));
  return { open, close };
}

export async function insertEntrant(tx: Tx, row: typeof entrants.$inferInsert): Promise<boolean> {
  return (await tx.insert(entrants).values(row).onConflictDoNothing().returning()).length === 1;
}

export async function findEntrant(
  db: Db | Tx,
  competitionId: string,
  teamId: string,
): Promise<EntrantRow | null> {
  const [row] = await db
    .select()
    .from(entrants)
    .where(and(eq(entrants.competitionId, competitionId), eq(entrants.teamId, teamId)));
  return row ?? null;
}

export async function findEntrantById(db: Db | Tx, id: string): Promise<EntrantRow | null> {
  const [row] = await db.select().from(entrants).where(eq(entrants.id, id));
  return row ?? null;
}

/** Locks the entrant's row, so that its limits hold under any number of concurrent submits. */
export async function lockEntrant(tx: Tx, id: string): Promise<EntrantRow | null> {
  const [row] = await tx.select().from(entrants).where(eq(entrants.id, id)).for("no key update");
  return row ?? null;
}

/** Locks all entrants of a competition, in one order for everybody. */
export async function lockEntrants(tx: Tx, competitionId: string): Promise<void> {
  await tx
    .select({ id: entrants.id })
    .from(entrants)
    .where(eq(entrants.competitionId, competitionId))
    .orderBy(entrants.id)
    .for("no key update");
}

export async function activeTeams(db: Db | Tx, competitionId: string, round: number): Promise<string[]> {
  const rows = await db
    .select({ teamId: entrants.teamId })
    .from(entrants)
    .where(
      and(
        eq(entrants.competitionId, competitionId),
        eq(entrants.state, "active"),
        gte(entrants.round, round),
      ),
    );
  return rows.map((row) => row.teamId);
}

/**
 * Survivors move on to round `next`; everybody else who was active in the round is eliminated.
 * @param survivors  null: all who are active, scored or not
 */
export async function advanceEntrants(
  tx: Tx,
  competitionId: string,
  next: number,
  survivors: readonly string[] | null,
): Promise<void> {
  const active = and(eq(entrants.competitionId, competitionId), eq(entrants.state, "active"));
  const going = survivors === null ? undefined : inArray(entrants.id, [...survivors]);
  if (survivors === null || survivors.length > 0)
    await tx.update(entrants).set({ round: next }).where(and(active, going));
  await tx
    .update(entrants)
    .set({ state: "eliminated" })
    .where(and(active, lt(entrants.round, next)));
}

export async function insertSubmission(tx: Tx, row: typeof submissions.$inferInsert): Promise<SubmissionRow> {
  const [stored] = await tx.insert(submissions).values(row).returning();
  if (!stored) throw new Error("The submission was not stored.");
  return stored;
}

export async function findSubmission(
  db: Db | Tx,
  by: { id: string } | { inferSessionId: string },
): Promise<SubmissionRow | null> {
  const where = "id" in by ? eq(submissions.id, by.id) : eq(submissions.inferSessionId, by.inferSessionId);
  const [row] = await db.select().from(submissions).where(where);
  return row ?? null;
}

/** Locks a submission, and its entrant before it: whoever ends one counts the entrant's others. */
export async function lockSubmission(tx: Tx, id: string): Promise<SubmissionRow | null> {
  const known = await findSubmission(tx, { id });
  if (!known) return null;
  await lockEntrant(tx, known.entrantId);
  const [row] = await tx.select().from(submissions).where(eq(submissions.id, id)).for("no key update");
  return row ?? null;
}

export async function updateSubmission(
  tx: Tx,
  id: string,
  set: Partial<typeof submissions.$inferInsert>,
): Promise<void> {
  await tx.update(submissions).set(set).where(eq(submissions.id, id));
}

/**
 * What counts against an entrant's limits in a round: all but refunded failures and trial runs. `today` is the day from
 * `dayStart`; of the refunded ones only the entrant's own faults count, for the platform's use up nothing.
 */
export async function countTries(tx: Tx, entrantId: string, roundId: string, dayStart: Date) {
  const { refunded, platformFault, submittedAt, trial } = submissions;
  const counts = sql`not ${refunded} and not ${trial}`;
  const today = and(gte(submittedAt, dayStart), lt(submittedAt, new Date(dayStart.getTime() + DAY_MS)));
  const [row] = await tx
    .select({
      all: sql<number>`count(*) filter (where ${counts})::int`,
      today: sql<number>`count(*) filter (where ${counts} and ${today})::int`,
      pending: sql<number>`count(*) filter (where ${isUnderWay} and not ${trial})::int`,
      underWay: sql<number>`count(*) filter (where ${isUnderWay})::int`,
      refundedToday: sql<number>`count(*) filter (where ${refunded} and not ${trial} and not ${platformFault} and ${today})::int`,
      lastAt: sql<Date | null>`max(${submittedAt}) filter (where ${counts})`.mapWith(
        (value: string | Date) => new Date(value),
      ),
      last: sql<number>`coalesce(max(${submissions.number}), 0)::int`,
    })
    .from(submissions)
    .where(and(eq(submissions.entrantId, entrantId), eq(submissions.roundId, roundId)));
  return row ?? { all: 0, today: 0, pending: 0, underWay: 0, refundedToday: 0, lastAt: null, last: 0 };
}

/** Submissions that nobody has worked on since `before`: their events' jobs have failed for good. */
export function stuckSubmissions(db: Db | Tx, before: Date) {
  const reached = sql`case ${submissions.state} when 'queued' then ${submissions.submittedAt}
    when 'inferring' then ${sessions.endedAt} else coalesce(${sessions.endedAt}, ${submissions.submittedAt}) end`;
  // One that the organizer's scorer is at is as old as that session's end.
  const session = sql`coalesce(${submissions.scoreSessionId}, ${submissions.inferSessionId})`;
  const isAtScorer = sql`(${submissions.state} = 'scoring' and ${submissions.scoreSessionId} is not null and ${sessions.endedAt} is null)`;
  return db
    .select({ id: submissions.id })
    .from(submissions)
    .leftJoin(sessions, eq(sessions.id, session))
    .where(and(isUnderWay, not(isAtScorer), sql`${reached} < ${before.toISOString()}::timestamptz`))
    .limit(100);
}

/**
 * Submissions whose inference was asked for so long ago that it is to be given up: `waitMs` while it waits to be placed,
 * or waits again; its own time limit and `slackMs` more where a node has it, and does not end it.
 */
export function overdueInference(
  db: Db | Tx,
  { now, waitMs, slackMs }: { now: Date; waitMs: number; slackMs: number },
) {
  const asked = sql`${sessions.createdAt} + ${waitMs} * interval '1 millisecond'`;
  const ran = sql`${asked} + (${sessions.timeoutMs} + ${slackMs}) * interval '1 millisecond'`;
  const until = sql`case when ${sessions.state} in ('queued', 'retrying') then ${asked} else ${ran} end`;
  return db
    .select({ id: submissions.id, session: sessions })
    .from(submissions)
    .innerJoin(sessions, eq(sessions.id, submissions.inferSessionId))
    .where(
      and(
        eq(submissions.state, "inferring"),
        isNull(sessions.endedAt),
        sql`${until} < ${now.toISOString()}::timestamptz`,
      ),
    )
    .limit(100);
}

/** Rounds that are closing and have nothing under way any more that could change a board. */
export async function roundsToConclude(db: Db | Tx): Promise<string[]> {
  const none = sql`not exists (select 1 from submissions s where s.round_id = rounds.id and s.state in ('queued', 'inferring', 'scoring') and not s.trial)`;
  const rows = await db
    .select({ id: rounds.id })
    .from(rounds)
    .where(and(eq(rounds.state, "closing"), none));
  return rows.map((row) => row.id);
}

export async function countUnderWay(db: Db | Tx, roundId: string): Promise<number> {
  const [row] = await db
    .select({ n: count() })
    .from(submissions)
    .where(and(eq(submissions.roundId, roundId), isUnderWay, eq(submissions.trial, false)));
  return row?.n ?? 0;
}

const shown = {
  submission: submissions,
  competition: competitions.name,
  round: rounds.name,
  entrant: teams.slug,
  organizerId: competitions.teamId,
  infer: { id: sessions.id, name: sessions.name, state: sessions.state, hidden: sessions.hidden },
  /** Its score would tell what the Ladder must not: see leaderboards/ladder. */
  ladder: sql<boolean>`coalesce((${competitions.definition}->'leaderboard'->>'ladder')::boolean, false)`,
};

export async function findShown(db: Db | Tx, id: string) {
  const [row] = await shownQuery(db, eq(submissions.id, id)).limit(1);
  return row ?? null;
}

export function listShown(
  db: Db | Tx,
  competitionId: string,
  teamIds: readonly string[] | null,
  limit: number,
  before: string | undefined,
) {
  return shownQuery(
    db,
    and(
      eq(submissions.competitionId, competitionId),
      teamIds === null
        ? undefined
        : teamIds.length === 0
          ? sql`false`
          : inArray(submissions.teamId, [...teamIds]),
      before ? lt(submissions.id, before) : undefined,
    ),
  )
    .orderBy(desc(submissions.id))
    .limit(limit);
}

function shownQuery(db: Db | Tx, where: SQL | undefined) {
  return db
    .select(shown)
    .from(submissions)
    .innerJoin(competitions, eq(competitions.id, submissions.competitionId))
    .innerJoin(rounds, eq(rounds.id, submissions.roundId))
    .innerJoin(teams, eq(teams.id, submissions.teamId))
    .leftJoin(sessions, eq(sessions.id, submissions.inferSessionId))
    .where(where);
}

/** The rounds whose training data this dataset is. */
export function roundsWithDataset(db: Db | Tx, datasetId: string) {
  return db
    .select({ competition: competitions.name, round: rounds.name })
    .from(rounds)
    .innerJoin(competitions, eq(competitions.id, rounds.competitionId))
    .where(eq(rounds.datasetId, datasetId))
    .orderBy(competitions.name, rounds.number);
}

/** The trees that rounds and submissions name. */
export const treesOfCompetitions = () => sql`
  select inputs_tree as tree_id from rounds
  union all select labels_tree from rounds
  union all select sample_inputs_tree from rounds
  union all select sample_labels_tree from rounds
  union all select scorer_tree from rounds
  union all select ingestion_tree from rounds
  union all select code_tree from submissions
  union all select predictions_tree from submissions
  union all select checkpoint->>'tree_id' from submissions`;

/** Submissions that a session is behind, as what was trained or as what predicted; or those of one checkpoint of it. */
export function submissionsOfSession(db: Db | Tx, sessionId: string, checkpoint: string | null = null) {
  const ofCheckpoint = and(
    eq(submissions.sessionId, sessionId),
    sql`${submissions.checkpoint}->>'name' = ${checkpoint}`,
  );
  const ofSession = or(eq(submissions.sessionId, sessionId), eq(submissions.inferSessionId, sessionId));
  return db
    .select({ number: submissions.number, round: rounds.name, competition: competitions.name })
    .from(submissions)
    .innerJoin(rounds, eq(rounds.id, submissions.roundId))
    .innerJoin(competitions, eq(competitions.id, submissions.competitionId))
    .where(checkpoint === null ? ofSession : ofCheckpoint)
    .orderBy(submissions.submittedAt);
}
