import type { BoardName } from "@podium/shared";
import type { BoardRule } from "@podium/shared/boards/board-rule";
import {
  type Counted,
  type Counts,
  countsOf,
  NOTHING_COUNTS,
  type Scored,
} from "@podium/shared/boards/counts";
import { and, asc, eq, gt, inArray, lte, sql } from "drizzle-orm";
import { entrants, rounds, submissions } from "../../competitions/schema.ts";
import type { Db, Tx } from "../../platform/database.ts";
import { shownByLadder } from "../ladder/store.ts";

/** Banned, withdrawn and merged entrants are on no board. */
const ON_BOARD = sql`${entrants.state} in ('active', 'eliminated')`;
/** The same words that the index is made with, or it would not be used. */
const COUNTS = sql`${submissions.state} = 'scored' and not ${submissions.trial}`;

const CHUNK = 2_000;

/** Scored submissions of entrants in a round; `until`: those that had been scored by then. */
async function scoredOf(
  db: Db | Tx,
  roundId: string,
  entrantIds: readonly string[],
  until?: Date,
): Promise<Map<string, Scored[]>> {
  const rows = await db
    .select({
      entrantId: submissions.entrantId,
      id: submissions.id,
      submittedAt: submissions.submittedAt,
      score: sql<number>`${submissions.score}`,
      columns: submissions.columns,
      privateScore: submissions.privateScore,
      privateColumns: submissions.privateColumns,
      selected: submissions.selected,
    })
    .from(submissions)
    .where(
      and(
        eq(submissions.roundId, roundId),
        COUNTS,
        entrantIds.length === 1
          ? eq(submissions.entrantId, entrantIds[0] ?? "")
          : sql`${submissions.entrantId} = any(${sql.param([...entrantIds])}::text[])`,
        until ? lte(submissions.endedAt, until) : undefined,
      ),
    );
  return Map.groupBy(rows, (row) => row.entrantId);
}

/** What counts of each of these entrants, from submissions alone; one that may not be on a board has nothing. */
export async function countsFor(
  db: Db | Tx,
  rule: BoardRule,
  roundId: string,
  entrantIds: readonly string[],
  until?: Date,
): Promise<Map<string, Counts>> {
  const on = await db
    .select({ id: entrants.id })
    .from(entrants)
    .where(and(inArray(entrants.id, [...entrantIds]), ON_BOARD));
  const ids = on.map(({ id }) => id);
  const scored = ids.length === 0 ? new Map<string, Scored[]>() : await scoredOf(db, roundId, ids, until);
  const shown = rule.ladder ? await shownByLadder(db, roundId, ids, until) : new Map<string, string>();
  return new Map(
    entrantIds.map((id) => {
      const all = scored.get(id);
      return [id, all ? countsOf(rule, all, shown.get(id) ?? null) : NOTHING_COUNTS];
    }),
  );
}

/** All entrants of a round's competition, in chunks. */
export async function* entrantChunks(db: Db | Tx, roundId: string): AsyncGenerator<string[]> {
  for (let after = ""; ; ) {
    const rows = await db
      .select({ id: entrants.id })
      .from(entrants)
      .innerJoin(rounds, eq(rounds.competitionId, entrants.competitionId))
      .where(and(eq(rounds.id, roundId), gt(entrants.id, after)))
      .orderBy(asc(entrants.id))
      .limit(CHUNK);
    if (rows.length > 0) yield rows.map(({ id }) => id);
    if (rows.length < CHUNK) return;
    after = rows.at(-1)?.id ?? "";
  }
}

export interface CountedRow extends Counted {
  entrantId: string;
}

/** A whole board worked out from submissions alone, in no order; `until`: as it stood then. */
export async function recount(
  db: Db | Tx,
  rule: BoardRule,
  roundId: string,
  board: BoardName,
  until?: Date,
): Promise<CountedRow[]> {
  const all: CountedRow[] = [];
  for await (const ids of entrantChunks(db, roundId))
    for (const [entrantId, counts] of await countsFor(db, rule, roundId, ids, until)) {
      const row = counts[board];
      if (row) all.push({ entrantId, ...row });
    }
  return all;
}
