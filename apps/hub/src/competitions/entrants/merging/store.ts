import { and, desc, eq, inArray, lt, max, or, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Db, Tx } from "../../../platform/database.ts";
import { teams } from "../../../teams/schema.ts";
import { competitions, entrantMerges, entrants, submissions } from "../../schema.ts";

export type MergeRow = typeof entrantMerges.$inferSelect;

export async function insertMerge(tx: Tx, row: typeof entrantMerges.$inferInsert): Promise<void> {
  await tx.insert(entrantMerges).values(row);
}

const fromEntrant = alias(entrants, "from_entrant");
const intoEntrant = alias(entrants, "into_entrant");
const fromTeam = alias(teams, "from_team");
const intoTeam = alias(teams, "into_team");

const shownQuery = (db: Db | Tx) =>
  db
    .select({
      merge: entrantMerges,
      from: fromTeam.slug,
      into: intoTeam.slug,
      fromTeamId: fromTeam.id,
      intoTeamId: intoTeam.id,
      intoState: intoEntrant.state,
    })
    .from(entrantMerges)
    .innerJoin(fromEntrant, eq(fromEntrant.id, entrantMerges.fromEntrantId))
    .innerJoin(intoEntrant, eq(intoEntrant.id, entrantMerges.intoEntrantId))
    .innerJoin(fromTeam, eq(fromTeam.id, fromEntrant.teamId))
    .innerJoin(intoTeam, eq(intoTeam.id, intoEntrant.teamId));
export type ShownMerge = Awaited<ReturnType<typeof shownQuery>>[number];

export async function findMerge(db: Db | Tx, competitionId: string, id: string): Promise<ShownMerge | null> {
  const [row] = await shownQuery(db).where(
    and(eq(entrantMerges.competitionId, competitionId), eq(entrantMerges.id, id)),
  );
  return row ?? null;
}

/** One by its id alone, with the contest that it is of. */
export async function findMergeById(db: Db | Tx, id: string) {
  const [row] = await shownQuery(db).where(eq(entrantMerges.id, id));
  if (!row) return null;
  const [contest] = await db
    .select({ name: competitions.name })
    .from(competitions)
    .where(eq(competitions.id, row.merge.competitionId));
  return contest ? { ...row, competition: contest.name } : null;
}

/** Newest first. @param teamIds  only those between these teams and others; null: all */
export function listMerges(
  db: Db | Tx,
  competitionId: string,
  teamIds: readonly string[] | null,
  limit: number,
  before: string | undefined,
): Promise<ShownMerge[]> {
  const own = teamIds && [...teamIds];
  return shownQuery(db)
    .where(
      and(
        eq(entrantMerges.competitionId, competitionId),
        own === null
          ? undefined
          : own.length === 0
            ? sql`false`
            : or(inArray(fromTeam.id, own), inArray(intoTeam.id, own)),
        before ? lt(entrantMerges.id, before) : undefined,
      ),
    )
    .orderBy(desc(entrantMerges.id))
    .limit(limit);
}

/** What an entrant has proposed and nobody has answered. */
export function openProposals(tx: Tx, fromEntrantId: string): Promise<MergeRow[]> {
  return tx
    .select()
    .from(entrantMerges)
    .where(and(eq(entrantMerges.fromEntrantId, fromEntrantId), eq(entrantMerges.state, "proposed")));
}

/** Ends a proposal that waits for an answer. @returns false when it had ended before */
export async function endMerge(
  tx: Tx,
  id: string,
  state: Exclude<MergeRow["state"], "proposed">,
  now: Date,
): Promise<boolean> {
  const rows = await tx
    .update(entrantMerges)
    .set({ state, endedAt: now })
    .where(and(eq(entrantMerges.id, id), eq(entrantMerges.state, "proposed")))
    .returning({ id: entrantMerges.id });
  return rows.length === 1;
}

/** Whatever else was proposed with an entrant that is no more has come to nothing. @returns those proposals */
export async function endProposalsOf(tx: Tx, entrantId: string, now: Date): Promise<string[]> {
  const ended = await tx
    .update(entrantMerges)
    .set({ state: "withdrawn", endedAt: now })
    .where(
      and(
        or(eq(entrantMerges.fromEntrantId, entrantId), eq(entrantMerges.intoEntrantId, entrantId)),
        eq(entrantMerges.state, "proposed"),
      ),
    )
    .returning({ id: entrantMerges.id });
  return ended.map(({ id }) => id);
}

/**
 * Gives one entrant's submissions to another: behind its own numbers of each round, in their order. What was chosen to
 * count is chosen no more, for together it could be too many. @returns old and new numbers, for the history
 */
export async function moveSubmissions(
  tx: Tx,
  from: string,
  into: { entrantId: string; teamId: string },
): Promise<{ submission: string; round: string; number: number; was: number }[]> {
  const last = tx
    .select({ roundId: submissions.roundId, number: max(submissions.number).as("number") })
    .from(submissions)
    .where(eq(submissions.entrantId, into.entrantId))
    .groupBy(submissions.roundId);
  const known = new Map((await last).map(({ roundId, number }) => [roundId, number ?? 0]));
  const moving = await tx
    .select({ id: submissions.id, roundId: submissions.roundId, number: submissions.number })
    .from(submissions)
    .where(eq(submissions.entrantId, from))
    .orderBy(submissions.roundId, submissions.number);
  if (moving.length === 0) return [];
  const moved = moving.map(({ id, roundId, number }) => {
    const next = (known.get(roundId) ?? 0) + 1;
    known.set(roundId, next);
    return { submission: id, round: roundId, number: next, was: number };
  });
  const ids = sql.param(moved.map(({ submission }) => submission));
  const numbers = sql.param(moved.map(({ number }) => number));
  await tx.execute(sql`update submissions set entrant_id = ${into.entrantId}, team_id = ${into.teamId},
    selected = false, number = moved.number
    from unnest(${ids}::text[], ${numbers}::int[]) as moved(id, number) where submissions.id = moved.id`);
  return moved;
}

/** An entrant's own submissions follow it to another team. */
export async function giveToTeam(tx: Tx, entrantId: string, teamId: string): Promise<void> {
  await tx.update(submissions).set({ teamId }).where(eq(submissions.entrantId, entrantId));
}
