import { PRIMARY_KEY } from "@podium/shared";
import { and, count, desc, eq, isNull, sql } from "drizzle-orm";
import { entrants, submissions } from "../../competitions/schema.ts";
import type { Db, Tx } from "../../platform/database.ts";
import { sessions } from "../../sessions/schema.ts";
import { teams } from "../../teams/schema.ts";
import { rejudgedSubmissions, rejudgings, type ScoredValues, scores } from "../schema.ts";
import type { Compared, Values } from "./differences.ts";

export type RejudgingRow = typeof rejudgings.$inferSelect;
export type RejudgedRow = typeof rejudgedSubmissions.$inferSelect;

const rejudged = rejudgedSubmissions;

/** @returns false when another one of the round is under way */
export async function insertRejudging(tx: Tx, row: typeof rejudgings.$inferInsert): Promise<boolean> {
  return (await tx.insert(rejudgings).values(row).onConflictDoNothing().returning()).length === 1;
}

export async function findRejudging(db: Db | Tx, id: string): Promise<RejudgingRow | null> {
  const [row] = await db.select().from(rejudgings).where(eq(rejudgings.id, id));
  return row ?? null;
}

/** Locks it; whoever locks its round too does that before. */
export async function lockRejudging(tx: Tx, id: string): Promise<RejudgingRow | null> {
  const [row] = await tx.select().from(rejudgings).where(eq(rejudgings.id, id)).for("no key update");
  return row ?? null;
}

export async function updateRejudging(
  tx: Tx,
  id: string,
  set: Partial<typeof rejudgings.$inferInsert>,
): Promise<void> {
  await tx.update(rejudgings).set(set).where(eq(rejudgings.id, id));
}

/** One of its submissions has come further. */
export async function noteMoved(db: Db, id: string, now: Date): Promise<void> {
  await db
    .update(rejudgings)
    .set({ movedAt: now, calls: 0, calledAt: null, refusedBy: null })
    .where(eq(rejudgings.id, id));
}

/**
 * Those that score, have what could be worked on or nothing left, and of which nothing was heard since. What waits for a
 * node that could take it is asked for by `waitForNodes`.
 */
export function stoodStill(db: Db | Tx, since: Date): Promise<RejudgingRow[]> {
  const heard = sql`greatest(${rejudgings.createdAt}, ${rejudgings.applyRequestedAt}, ${rejudgings.movedAt},
    ${rejudgings.calledAt})`;
  // What a session is at goes on when the session ends, which may be long after.
  const atWork = sql`exists (select 1 from ${rejudged} join ${sessions} on ${sessions.id} = ${rejudged.sessionId}
    where ${rejudged.rejudgingId} = ${rejudgings.id} and ${rejudged.state} = 'pending'
      and ${sessions.endedAt} is null)`;
  return db
    .select()
    .from(rejudgings)
    .where(
      and(
        eq(rejudgings.state, "scoring"),
        isNull(rejudgings.refusedBy),
        sql`${heard} < ${since.toISOString()}`,
        sql`not ${atWork}`,
      ),
    )
    .orderBy(rejudgings.id);
}

export function listRejudgings(db: Db | Tx, roundId: string, limit: number): Promise<RejudgingRow[]> {
  return db
    .select()
    .from(rejudgings)
    .where(eq(rejudgings.roundId, roundId))
    .orderBy(desc(rejudgings.id))
    .limit(limit);
}

/**
 * Takes in all submissions of the round that count and are not in it yet: the scored ones, and those that only the
 * scorer's or the labels' fault has ended. @returns how many
 */
export async function takeIn(tx: Tx, { id, roundId }: RejudgingRow): Promise<number> {
  const { rows } = await tx.execute(sql`
    insert into rejudged_submissions (rejudging_id, submission_id, state)
    select ${id}, s.id, 'pending' from submissions s
    where s.round_id = ${roundId} and not s.trial and s.predictions_tree is not null
      and (s.state = 'scored' or (s.state = 'failed' and s.platform_fault
        and s.failure->>'code' in ('scorer_failed', 'invalid_bundle')))
    on conflict do nothing returning submission_id`);
  return rows.length;
}

/** What can be worked on now: pending ones that no session is at. */
export function workable(db: Db | Tx, rejudgingId: string, limit: number) {
  return db
    .select({ rejudged, submission: submissions })
    .from(rejudged)
    .innerJoin(submissions, eq(submissions.id, rejudged.submissionId))
    .leftJoin(sessions, eq(sessions.id, rejudged.sessionId))
    .where(
      and(
        eq(rejudged.rejudgingId, rejudgingId),
        eq(rejudged.state, "pending"),
        sql`(${rejudged.sessionId} is null or ${sessions.endedAt} is not null)`,
      ),
    )
    .orderBy(rejudged.submissionId)
    .limit(limit);
}

/** Changes a pending one. @returns false when it is pending no more */
export async function updatePending(
  tx: Db | Tx,
  { rejudgingId, submissionId }: Pick<RejudgedRow, "rejudgingId" | "submissionId">,
  set: Partial<RejudgedRow>,
): Promise<boolean> {
  const changed = await tx
    .update(rejudged)
    .set(set)
    .where(
      and(
        eq(rejudged.rejudgingId, rejudgingId),
        eq(rejudged.submissionId, submissionId),
        eq(rejudged.state, "pending"),
      ),
    )
    .returning();
  return changed.length === 1;
}

/** How many are in which state. */
export async function progressOf(db: Db | Tx, rejudgingId: string) {
  const rows = await db
    .select({ state: rejudged.state, n: count() })
    .from(rejudged)
    .where(eq(rejudged.rejudgingId, rejudgingId))
    .groupBy(rejudged.state);
  const of = (state: RejudgedRow["state"]) => rows.find((row) => row.state === state)?.n ?? 0;
  return { pending: of("pending"), scored: of("scored"), failed: of("failed") };
}

/** Sessions that still run or wait for it. */
export async function liveSessions(db: Db | Tx, rejudgingId: string): Promise<string[]> {
  const rows = await db
    .select({ id: sessions.id })
    .from(rejudged)
    .innerJoin(sessions, eq(sessions.id, rejudged.sessionId))
    .where(and(eq(rejudged.rejudgingId, rejudgingId), sql`${sessions.endedAt} is null`))
    .orderBy(sessions.id);
  return rows.map(({ id }) => id);
}

/** Gives all submissions what the rejudging has made of them. What only the platform had failed is a try again. */
export async function swapScores(tx: Tx, { id, scorerVersion }: RejudgingRow): Promise<void> {
  const part = (
    name: "public" | "private",
  ) => sql`(select coalesce(jsonb_object_agg(e.key, e.value->${name}), '{}')
    from jsonb_each(c.values) e where e.key <> ${PRIMARY_KEY} and e.value ? ${name})`;
  const primary = sql`c.values->${PRIMARY_KEY}`;
  await tx.execute(sql`
    update submissions s set state = 'scored', score = c.score, columns = ${part("public")},
      private_score = (${primary}->>'private')::double precision,
      private_columns = case when ${primary} ? 'private' then ${part("private")} end,
      predictions_digest = c.predictions_digest, failure = null, refunded = false, platform_fault = false,
      score_session_id = coalesce(r.session_id, s.score_session_id)
    from rejudged_submissions r
    join scores c on c.submission_id = r.submission_id and c.scorer_version = ${scorerVersion}
    where r.rejudging_id = ${id} and r.state = 'scored' and s.id = r.submission_id`);
  await tx.execute(sql`
    update submissions s set state = 'failed', score = null, columns = null, private_score = null,
      private_columns = null, failure = r.failure - 'platform',
      refunded = (r.failure->>'platform')::boolean, platform_fault = (r.failure->>'platform')::boolean
    from rejudged_submissions r
    where r.rejudging_id = ${id} and r.state = 'failed' and s.id = r.submission_id and s.state = 'scored'`);
}

/** A round's submissions as they count now, and as they would after the rejudging. */
export async function comparedSubmissions(
  db: Db | Tx,
  { id, roundId, scorerVersion }: RejudgingRow,
): Promise<Compared[]> {
  const rows = await db
    .select({
      submission: submissions,
      entrant: teams.slug,
      state: rejudged.state,
      values: scores.values,
    })
    .from(submissions)
    .innerJoin(entrants, eq(entrants.id, submissions.entrantId))
    .innerJoin(teams, eq(teams.id, entrants.teamId))
    .leftJoin(rejudged, and(eq(rejudged.submissionId, submissions.id), eq(rejudged.rejudgingId, id)))
    .leftJoin(scores, and(eq(scores.submissionId, submissions.id), eq(scores.scorerVersion, scorerVersion)))
    .where(
      and(
        eq(submissions.roundId, roundId),
        eq(submissions.trial, false),
        sql`${entrants.state} not in ('banned', 'withdrawn', 'merged')`,
      ),
    )
    .orderBy(submissions.submittedAt, submissions.id);
  return rows.map(({ submission, entrant, state, values }) => {
    const { id: of, entrantId, selected, submittedAt } = submission;
    const before = valuesNow(submission);
    return {
      id: of,
      entrant,
      entrantId,
      selected,
      submittedAt,
      before,
      after: afterOf(before, state, values),
    };
  });
}

function valuesNow(submission: typeof submissions.$inferSelect): Values | null {
  const { state, score, columns, privateScore, privateColumns } = submission;
  return state === "scored" && score !== null ? { score, columns, privateScore, privateColumns } : null;
}

function afterOf(before: Values | null, state: RejudgedRow["state"] | null, values: ScoredValues | null) {
  if (state === "failed") return null;
  const made = state === "scored" ? values?.[PRIMARY_KEY] : undefined;
  if (!values || !made) return before;
  const columns = (part: "public" | "private") =>
    Object.fromEntries(
      Object.entries(values).flatMap(([key, { [part]: value }]): [string, number][] =>
        key === PRIMARY_KEY || value === undefined ? [] : [[key, value]],
      ),
    );
  return {
    score: made.public,
    columns: columns("public"),
    privateScore: made.private ?? null,
    privateColumns: made.private === undefined ? null : columns("private"),
  };
}
