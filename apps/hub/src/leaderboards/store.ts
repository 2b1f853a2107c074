import type { BoardName } from "@podium/shared";
import { BOARDS, type Ordered } from "@podium/shared/boards/board-rule";
import type { Counted, Counts } from "@podium/shared/boards/counts";
import { and, eq, gt, inArray, or, sql } from "drizzle-orm";
import { competitions, entrants, rounds, submissions } from "../competitions/schema.ts";
import type { Db, Tx } from "../platform/database.ts";
import { teams } from "../teams/schema.ts";
import { boards, findings, ladderSteps, leaderboardRows } from "./schema.ts";

export type BoardRow = typeof leaderboardRows.$inferSelect;

/** Serializes the updates of an entrant's rows until the transaction ends. */
export async function lockStandings(tx: Tx, entrantIds: readonly string[]): Promise<void> {
  await tx
    .select({ id: entrants.id })
    .from(entrants)
    .where(inArray(entrants.id, [...entrantIds]))
    .orderBy(entrants.id)
    .for("no key update");
}

export async function findEntrantById(db: Db | Tx, id: string) {
  const [row] = await db.select().from(entrants).where(eq(entrants.id, id));
  return row ?? null;
}

/** Whether one of these teams takes part. */
export async function takesPart(
  db: Db | Tx,
  competitionId: string,
  teamIds: readonly string[],
): Promise<boolean> {
  if (teamIds.length === 0) return false;
  const [row] = await db
    .select({ id: entrants.id })
    .from(entrants)
    .where(and(eq(entrants.competitionId, competitionId), inArray(entrants.teamId, [...teamIds])))
    .limit(1);
  return row !== undefined;
}

/** Entrants that have reached a later round. */
export async function entrantsBeyond(db: Db | Tx, competitionId: string, round: number): Promise<string[]> {
  const rows = await db
    .select({ id: entrants.id })
    .from(entrants)
    .where(and(eq(entrants.competitionId, competitionId), gt(entrants.round, round)));
  return rows.map(({ id }) => id);
}

/** Those of these entrants of whom no submission of a round has ended since. */
export async function settledEntrants(
  db: Db | Tx,
  roundId: string,
  entrantIds: readonly string[],
  since: Date,
): Promise<string[]> {
  const rows = await db
    .selectDistinct({ id: submissions.entrantId })
    .from(submissions)
    .where(
      and(
        eq(submissions.roundId, roundId),
        inArray(submissions.entrantId, [...entrantIds]),
        gt(submissions.endedAt, since),
      ),
    );
  const moving = new Set(rows.map(({ id }) => id));
  return entrantIds.filter((id) => !moving.has(id));
}

export interface Difference {
  entrantId: string;
  board: BoardName;
  before: BoardRow | null;
  after: Counted | null;
}

/** Where the stored rows of these entrants are other than what counts. */
export async function differences(
  db: Db | Tx,
  roundId: string,
  counts: ReadonlyMap<string, Counts>,
): Promise<Difference[]> {
  const stored = await db
    .select()
    .from(leaderboardRows)
    .where(and(eq(leaderboardRows.roundId, roundId), inArray(leaderboardRows.entrantId, [...counts.keys()])));
  const known = new Map(stored.map((row) => [`${row.board} ${row.entrantId}`, row]));
  return [...counts].flatMap(([entrantId, its]) =>
    BOARDS.flatMap((board) => {
      const before = known.get(`${board} ${entrantId}`) ?? null;
      const after = its[board];
      return isSame(before, after) ? [] : [{ entrantId, board, before, after }];
    }),
  );
}

function isSame(row: BoardRow | null, counted: Counted | null): boolean {
  if (row === null || counted === null) return row === null && counted === null;
  return (
    row.bestSubmissionId === counted.bestSubmissionId &&
    row.submissions === counted.submissions &&
    row.score === counted.score &&
    row.bestAt.getTime() === counted.bestAt.getTime() &&
    Bun.deepEquals(row.sortKeys, counted.sortKeys) &&
    Bun.deepEquals(row.columns, counted.columns)
  );
}

/**
 * Begins the boards' next version; until the transaction ends, no other can. So versions are committed in order, and
 * who has read one has read all before it.
 * @param resets  rows go, or what had been shown before is judged anew: copies of the boards are void
 */
export async function nextVersion(tx: Tx, roundId: string, resets: boolean): Promise<number> {
  const next = sql`${boards.version} + 1`;
  const [row] = await tx
    .insert(boards)
    .values({ roundId, version: 1, resetAt: resets ? 1 : 0 })
    .onConflictDoUpdate({
      target: boards.roundId,
      set: { version: next, ...(resets ? { resetAt: next } : {}) },
    })
    .returning({ version: boards.version });
  if (!row) throw new Error(`The boards of round ${roundId} have no version.`);
  return row.version;
}

/** Makes the stored rows what counts. */
export async function writeDifferences(
  tx: Tx,
  roundId: string,
  found: readonly Difference[],
  resets: boolean,
): Promise<void> {
  if (found.length === 0) return;
  const gone = found.filter(({ after }) => after === null);
  const version = await nextVersion(tx, roundId, resets || gone.length > 0);
  const values = found.flatMap(({ entrantId, board, after }) =>
    after ? [{ ...after, roundId, entrantId, board, version }] : [],
  );
  if (values.length > 0) await upsert(tx, values);
  for (const board of BOARDS) {
    const ids = gone.filter((each) => each.board === board).map(({ entrantId }) => entrantId);
    if (ids.length > 0)
      await tx
        .delete(leaderboardRows)
        .where(
          and(
            eq(leaderboardRows.roundId, roundId),
            eq(leaderboardRows.board, board),
            inArray(leaderboardRows.entrantId, ids),
          ),
        );
  }
}

async function upsert(tx: Tx, values: (typeof leaderboardRows.$inferInsert)[]): Promise<void> {
  const given = (name: string) => sql.raw(`excluded."${name}"`);
  await tx
    .insert(leaderboardRows)
    .values(values)
    .onConflictDoUpdate({
      target: [leaderboardRows.roundId, leaderboardRows.board, leaderboardRows.entrantId],
      set: {
        score: given("score"),
        columns: given("columns"),
        sortKeys: given("sort_keys"),
        submissions: given("submissions"),
        bestSubmissionId: given("best_submission_id"),
        bestAt: given("best_at"),
        version: given("version"),
      },
    });
}

/** Marks on both boards who goes on; null: nobody knows (any more). */
export async function markSurvivors(
  tx: Tx,
  roundId: string,
  survivors: readonly string[] | null,
): Promise<void> {
  const version = await nextVersion(tx, roundId, false);
  const survives =
    survivors === null
      ? null
      : sql<boolean>`${leaderboardRows.entrantId} = any(${sql.param([...survivors])}::text[])`;
  await tx.update(leaderboardRows).set({ survives, version }).where(eq(leaderboardRows.roundId, roundId));
}

const versions = {
  version: sql<number>`coalesce(${boards.version}, 0)`.mapWith(Number),
  resetAt: sql<number>`coalesce(${boards.resetAt}, 0)`.mapWith(Number),
};

/** A round with its competition, and which version its boards have; one without rows has version 0. */
export async function boardHead(db: Db | Tx, competition: string, round: string) {
  const [row] = await db
    .select({ competition: competitions, round: rounds, ...versions })
    .from(rounds)
    .innerJoin(competitions, eq(competitions.id, rounds.competitionId))
    .leftJoin(boards, eq(boards.roundId, rounds.id))
    .where(and(eq(competitions.name, competition), eq(rounds.name, round)));
  return row ?? null;
}
export type BoardHead = NonNullable<Awaited<ReturnType<typeof boardHead>>>;

/** Where both rows lie and who wrote them last: Postgres gives every change of a row another place or writer. */
const stamp = sql<string>`concat_ws(' ', ${competitions}.ctid, ${competitions}.xmin, ${rounds}.ctid, ${rounds}.xmin)`;
const stampQuery = (db: Db | Tx) =>
  db
    .select({ stamp, ...versions })
    .from(rounds)
    .innerJoin(competitions, eq(competitions.id, rounds.competitionId))
    .leftJoin(boards, eq(boards.roundId, rounds.id))
    .where(
      and(eq(competitions.name, sql.placeholder("competition")), eq(rounds.name, sql.placeholder("round"))),
    )
    .prepare("board_stamp");
const stampQueries = new WeakMap<Db | Tx, ReturnType<typeof stampQuery>>();

/** The same without the rows: only whether they have changed. Asked for at every read, so built and planned once. */
export async function boardStamp(db: Db | Tx, competition: string, round: string) {
  const query = stampQueries.get(db) ?? stampQuery(db);
  stampQueries.set(db, query);
  const [row] = await query.execute({ competition, round });
  return row ?? null;
}

export interface StoredRow extends Ordered {
  team: string;
  teamId: string;
  score: number;
  columns: Record<string, number>;
  submissions: number;
  bestSubmissionId: string;
  survives: boolean | null;
  rankLow: number | null;
  rankHigh: number | null;
  chance: number | null;
}

const shown = {
  entrantId: leaderboardRows.entrantId,
  team: teams.slug,
  teamId: teams.id,
  score: leaderboardRows.score,
  columns: leaderboardRows.columns,
  sortKeys: leaderboardRows.sortKeys,
  submissions: leaderboardRows.submissions,
  bestSubmissionId: leaderboardRows.bestSubmissionId,
  bestAt: leaderboardRows.bestAt,
  survives: leaderboardRows.survives,
  rankLow: leaderboardRows.rankLow,
  rankHigh: leaderboardRows.rankHigh,
  chance: leaderboardRows.chance,
};

/** A board's rows of versions above `since`, in no order; from −1 on all. */
export function rowsSince(
  db: Db | Tx,
  roundId: string,
  board: BoardName,
  since: number,
): Promise<StoredRow[]> {
  return db
    .select(shown)
    .from(leaderboardRows)
    .innerJoin(entrants, eq(entrants.id, leaderboardRows.entrantId))
    .innerJoin(teams, eq(teams.id, entrants.teamId))
    .where(
      and(
        eq(leaderboardRows.roundId, roundId),
        eq(leaderboardRows.board, board),
        since < 0 ? undefined : gt(leaderboardRows.version, since),
      ),
    );
}

/** Team of each entrant of a competition. */
export async function teamsOf(
  db: Db | Tx,
  competitionId: string,
): Promise<Map<string, { team: string; teamId: string }>> {
  const rows = await db
    .select({ id: entrants.id, team: teams.slug, teamId: teams.id })
    .from(entrants)
    .innerJoin(teams, eq(teams.id, entrants.teamId))
    .where(eq(entrants.competitionId, competitionId));
  return new Map(rows.map(({ id, ...team }) => [id, team]));
}

/** Rounds that are open or closing, and those that closed after `since`. */
export function roundsToVerify(db: Db | Tx, since: Date) {
  return db
    .select()
    .from(rounds)
    .where(
      or(
        inArray(rounds.state, ["open", "closing"]),
        and(eq(rounds.state, "closed"), gt(rounds.closedAt, since)),
      ),
    )
    .orderBy(rounds.id);
}

/** Deletes all that is kept of a contest's boards. */
export async function deleteBoards(tx: Tx, competitionId: string): Promise<void> {
  const its = tx.select({ id: rounds.id }).from(rounds).where(eq(rounds.competitionId, competitionId));
  for (const table of [ladderSteps, leaderboardRows, boards, findings])
    await tx.delete(table).where(inArray(table.roundId, its));
}
