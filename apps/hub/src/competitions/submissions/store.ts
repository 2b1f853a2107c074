import { and, eq, inArray, isNotNull, ne, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Db, Tx } from "../../platform/database.ts";
import { sessions } from "../../sessions/schema.ts";
import { entrants, submissions } from "../schema.ts";
import { isUnderWay, type SubmissionRow } from "../store.ts";

const HOUR_MS = 3_600_000;
/** So many of the latest scores say how fast the scorer is. */
const LATEST = 20;

/** An entrant's trial runs in a round: those under way, and those of the hour before `now`. */
export async function countTrials(tx: Tx, entrantId: string, roundId: string, now: Date) {
  const hourAgo = new Date(now.getTime() - HOUR_MS).toISOString();
  const lately = sql`${submissions.submittedAt} > ${hourAgo}::timestamptz`;
  const [row] = await tx
    .select({
      pending: sql<number>`count(*) filter (where ${isUnderWay})::int`,
      lastHour: sql<number>`count(*) filter (where ${lately})::int`,
      firstOfHour: sql<Date | null>`min(${submissions.submittedAt}) filter (where ${lately})`.mapWith(
        (value: string | Date) => new Date(value),
      ),
    })
    .from(submissions)
    .where(
      and(
        eq(submissions.entrantId, entrantId),
        eq(submissions.roundId, roundId),
        eq(submissions.trial, true),
      ),
    );
  return row ?? { pending: 0, lastHour: 0, firstOfHour: null };
}

/** The turn of an entrant's newest submission (see fair-turn.ts). */
export async function setLastTurn(tx: Tx, entrantId: string, turn: number): Promise<void> {
  await tx.update(entrants).set({ lastPriority: turn }).where(eq(entrants.id, entrantId));
}

/** What an entrant's submissions of a round ran, or will: those that cost nothing in the end left out. */
export function runsOf(tx: Tx, entrantId: string, roundId: string) {
  const trained = alias(sessions, "trained");
  return tx
    .select({
      isUnderWay: sql<boolean>`${isUnderWay}`,
      inferMs: submissions.inferMs,
      run: submissions.run,
      inferSessionId: submissions.inferSessionId,
      trained: trained.resources,
    })
    .from(submissions)
    .leftJoin(trained, eq(trained.id, submissions.sessionId))
    .where(
      and(
        eq(submissions.entrantId, entrantId),
        eq(submissions.roundId, roundId),
        eq(submissions.trial, false),
        eq(submissions.refunded, false),
        ne(submissions.kind, "predictions"),
      ),
    );
}

/** Numbers of an entrant's submissions of a round that are chosen to count in the end, in order. */
export async function numbersSelected(tx: Tx, entrantId: string, roundId: string): Promise<number[]> {
  const rows = await tx
    .select({ number: submissions.number })
    .from(submissions)
    .where(
      and(
        eq(submissions.roundId, roundId),
        eq(submissions.entrantId, entrantId),
        eq(submissions.selected, true),
      ),
    )
    .orderBy(submissions.number);
  return rows.map(({ number }) => number);
}

/** What a submission waits for, as `SubmissionQueue` says. */
export type WaitsFor = "node" | "scorer" | "scorer_node";

const program = alias(sessions, "program");
/** The session in which the organizer's scorer looks at it is there, and has not ended. */
const isAtProgram = sql`(${submissions.state} = 'scoring' and ${program.id} is not null and ${program.endedAt} is null)`;
/** The lines there are: for a node to predict on, for the scorer, and for a node that runs an organizer's scorer. */
const line = sql<WaitsFor>`case when ${isAtProgram} then 'scorer_node'
  when ${submissions.state} = 'scoring' or ${submissions.predictionsTree} is not null then 'scorer' else 'node' end`;
/** What is worked on waits in none. */
const waits = sql`(${submissions.state} <> 'inferring' or ${sessions.state} in ('queued', 'retrying'))
  and (not ${isAtProgram} or ${program.state} in ('queued', 'retrying'))`;

export interface Place {
  position: number;
  waitsFor: WaitsFor;
}

/** Places of submissions in the lines that they wait in, from 1; those that are worked on, or have ended, are left out. */
export async function placesOf(db: Db | Tx, ids: readonly string[]): Promise<Map<string, Place>> {
  if (ids.length === 0) return new Map();
  const position = sql<number>`(row_number() over (partition by ${line}
    order by ${submissions.priority}, ${submissions.id}))::int`.as("position");
  const lines = db
    .select({ id: submissions.id, position, waitsFor: line.as("waits_for") })
    .from(submissions)
    .leftJoin(sessions, eq(sessions.id, submissions.inferSessionId))
    .leftJoin(program, eq(program.id, submissions.scoreSessionId))
    .where(and(isUnderWay, waits))
    .as("lines");
  const rows = await db
    .select()
    .from(lines)
    .where(inArray(lines.id, [...ids]));
  return new Map(rows.map(({ id, ...place }) => [id, place]));
}

/** The place of one: those before it are counted, which costs less than putting all in order. null as in `placesOf`. */
export async function placeOf(db: Db | Tx, { id, priority }: SubmissionRow): Promise<Place | null> {
  const [own] = await db
    .select({ waitsFor: line })
    .from(submissions)
    .leftJoin(sessions, eq(sessions.id, submissions.inferSessionId))
    .leftJoin(program, eq(program.id, submissions.scoreSessionId))
    .where(and(eq(submissions.id, id), isUnderWay, waits));
  if (!own) return null;
  const [row] = await db
    .select({ position: sql<number>`count(*)::int` })
    .from(submissions)
    .leftJoin(sessions, eq(sessions.id, submissions.inferSessionId))
    .leftJoin(program, eq(program.id, submissions.scoreSessionId))
    .where(
      and(
        isUnderWay,
        waits,
        sql`${line} = ${own.waitsFor}`,
        sql`(${submissions.priority}, ${submissions.id}) <= (${priority}, ${id})`,
      ),
    );
  return { position: row?.position ?? 1, waitsFor: own.waitsFor };
}

/** Milliseconds from one score to the next in a competition, by its latest ones; null while there are too few. */
export async function pauseBetweenScores(db: Db | Tx, competitionId: string): Promise<number | null> {
  const rows = await db
    .select({ endedAt: submissions.endedAt })
    .from(submissions)
    .where(
      and(
        eq(submissions.competitionId, competitionId),
        eq(submissions.state, "scored"),
        isNotNull(submissions.endedAt),
      ),
    )
    .orderBy(sql`${submissions.id} desc`)
    .limit(LATEST);
  const times = rows.map(({ endedAt }) => endedAt?.getTime() ?? 0);
  return times.length < 2 ? null : (Math.max(...times) - Math.min(...times)) / (times.length - 1);
}
