import { and, eq, inArray, isNull, type SQL, sql } from "drizzle-orm";
import { submissions } from "../../competitions/schema.ts";
import type { Db, Tx } from "../../platform/database.ts";
import { sessions } from "../../sessions/schema.ts";
import type { RejudgingRow } from "../rejudging/store.ts";
import { rejudgedSubmissions, rejudgings } from "../schema.ts";

const rejudged = rejudgedSubmissions;
const isWaiting = inArray(sessions.state, ["queued", "retrying"]);
const isLive = isNull(sessions.endedAt);

/** Live submissions whose program was asked for so long ago that it is to be given up, whether it waits or not. */
export function overdueScorings(db: Db | Tx, { now, waitMs, slackMs }: Bounds) {
  const asked = sql`${sessions.createdAt} + ${waitMs} * interval '1 millisecond'`;
  const ran = sql`${asked} + (${sessions.timeoutMs} + ${slackMs}) * interval '1 millisecond'`;
  return db
    .select({ id: submissions.id, session: sessions })
    .from(submissions)
    .innerJoin(sessions, eq(sessions.id, submissions.scoreSessionId))
    .where(
      and(
        eq(submissions.state, "scoring"),
        isLive,
        sql`case when ${isWaiting} then ${asked} else ${ran} end < ${now.toISOString()}::timestamptz`,
      ),
    )
    .limit(100);
}

/** How long may pass, in milliseconds: until a node takes it, and beyond that and its own time limit. */
export interface Bounds {
  now: Date;
  waitMs: number;
  slackMs: number;
}

/** Live scorings of a contest by what they are at, and the one that has waited longest for a node. */
export async function backlogOf(db: Db | Tx, competitionId: string) {
  const ofContest = and(eq(submissions.competitionId, competitionId), eq(submissions.state, "scoring"));
  const [row] = await db
    .select({
      queued: sql<number>`(count(*) filter (where ${sessions.id} is null or not ${isLive}))::int`,
      running: sql<number>`(count(*) filter (where ${isLive} and not ${isWaiting}))::int`,
      waiting: sql<number>`(count(*) filter (where ${isWaiting}))::int`,
    })
    .from(submissions)
    .leftJoin(sessions, eq(sessions.id, submissions.scoreSessionId))
    .where(ofContest);
  const [first] = await db
    .select({ session: sessions })
    .from(submissions)
    .innerJoin(sessions, eq(sessions.id, submissions.scoreSessionId))
    .where(and(ofContest, isWaiting))
    .orderBy(sessions.createdAt, sessions.id)
    .limit(1);
  return {
    queued: row?.queued ?? 0,
    running: row?.running ?? 0,
    waiting: row?.waiting ?? 0,
    first: first?.session ?? null,
  };
}

/** A rejudging's pending scorings that wait for a node, the oldest with it, and how many sessions a node is at. */
export async function waitsOf(db: Db | Tx, rejudgingId: string) {
  const pending = and(eq(rejudged.rejudgingId, rejudgingId), eq(rejudged.state, "pending"), isLive);
  const [row] = await db
    .select({
      waiting: sql<number>`(count(*) filter (where ${isWaiting}))::int`,
      running: sql<number>`(count(*) filter (where not ${isWaiting}))::int`,
    })
    .from(rejudged)
    .innerJoin(sessions, eq(sessions.id, rejudged.sessionId))
    .where(pending);
  const [first] = await db
    .select({ session: sessions })
    .from(rejudged)
    .innerJoin(sessions, eq(sessions.id, rejudged.sessionId))
    .where(and(pending, isWaiting))
    .orderBy(sessions.id)
    .limit(1);
  return { waiting: row?.waiting ?? 0, running: row?.running ?? 0, first: first?.session ?? null };
}

/** When a rejudging was last brought further: begun, asked to be applied, or one of its submissions moved. */
export const movedAt = ({ createdAt, applyRequestedAt, movedAt: moved }: RejudgingRow): Date =>
  new Date(Math.max(createdAt.getTime(), applyRequestedAt?.getTime() ?? 0, moved?.getTime() ?? 0));

/** Rejudgings that no node has brought further for so long that they are to be dropped. */
export function overdueRejudgings(db: Db | Tx, { now, waitMs, slackMs }: Bounds): Promise<RejudgingRow[]> {
  const moved = sql`greatest(${rejudgings.createdAt}, ${rejudgings.applyRequestedAt}, ${rejudgings.movedAt})`;
  const atWork = (
    what: SQL,
  ) => sql`from ${rejudged} join ${sessions} on ${sessions.id} = ${rejudged.sessionId}
    where ${rejudged.rejudgingId} = ${rejudgings.id} and ${rejudged.state} = 'pending' and ${isLive} and ${what}`;
  const runs = sql`coalesce((select max(${sessions.timeoutMs}) + ${slackMs} ${atWork(sql`not ${isWaiting}`)}), 0)`;
  return db
    .select()
    .from(rejudgings)
    .where(
      and(
        eq(rejudgings.state, "scoring"),
        sql`${moved} + (${waitMs} + ${runs}) * interval '1 millisecond' < ${now.toISOString()}::timestamptz`,
        sql`(${rejudgings.refusedBy} is not null or exists (select 1 ${atWork(sql`true`)}))`,
      ),
    )
    .orderBy(rejudgings.id);
}

/** Rejudgings for whose scorer no session could be queued, and that were last asked for before `before`. */
export function refusedRejudgings(db: Db | Tx, before: Date): Promise<RejudgingRow[]> {
  const asked = sql`greatest(${rejudgings.createdAt}, ${rejudgings.movedAt}, ${rejudgings.calledAt})`;
  return db
    .select()
    .from(rejudgings)
    .where(
      and(
        eq(rejudgings.state, "scoring"),
        sql`${rejudgings.refusedBy} is not null`,
        sql`${asked} < ${before.toISOString()}::timestamptz`,
      ),
    )
    .orderBy(rejudgings.id);
}
