import { and, desc, eq, inArray, lt, max, or, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { users } from "../../accounts/schema.ts";
import { datasetVersions } from "../../data/schema.ts";
import type { Db, Tx } from "../../platform/database.ts";
import { teams } from "../../teams/schema.ts";
import { competitionChanges, competitions, competitionVersions, entrants, rounds } from "../schema.ts";

export async function insertVersion(tx: Tx, row: typeof competitionVersions.$inferInsert): Promise<void> {
  await tx.insert(competitionVersions).values(row).onConflictDoNothing();
}

/** Locks a competition for an edit: before its rounds, so that two edits can't wait for one another. */
export async function lockCompetition(tx: Tx, id: string) {
  const [row] = await tx.select().from(competitions).where(eq(competitions.id, id)).for("no key update");
  return row ?? null;
}

/** Locks all rounds of a competition, in their order. */
export function lockRounds(tx: Tx, competitionId: string) {
  return tx
    .select()
    .from(rounds)
    .where(eq(rounds.competitionId, competitionId))
    .orderBy(rounds.number)
    .for("no key update");
}

export async function updateCompetition(
  tx: Tx,
  id: string,
  set: Pick<typeof competitions.$inferInsert, "definition" | "version">,
): Promise<void> {
  await tx.update(competitions).set(set).where(eq(competitions.id, id));
}

export async function deleteRound(tx: Tx, id: string): Promise<void> {
  await tx.delete(rounds).where(eq(rounds.id, id));
}

/** Numbers are unique: rounds step aside before they take those of others. */
export async function setAside(tx: Tx, roundIds: readonly string[]): Promise<void> {
  if (roundIds.length === 0) return;
  await tx
    .update(rounds)
    .set({ number: sql`-${rounds.number}` })
    .where(inArray(rounds.id, [...roundIds]));
}

/** The highest number of a round that an entrant has reached; 0 when there is no entrant. */
export async function reachedRound(tx: Tx, competitionId: string): Promise<number> {
  const [row] = await tx
    .select({ number: max(entrants.round) })
    .from(entrants)
    .where(eq(entrants.competitionId, competitionId));
  return row?.number ?? 0;
}

/** Rounds in order, each with the tree of its newest training data. */
export async function roundsWithData(db: Db | Tx, competitionId: string) {
  const newest = db
    .selectDistinctOn([datasetVersions.datasetId], {
      datasetId: datasetVersions.datasetId,
      treeId: datasetVersions.treeId,
    })
    .from(datasetVersions)
    .orderBy(datasetVersions.datasetId, desc(datasetVersions.number))
    .as("newest");
  return db
    .select({ round: rounds, train: newest.treeId })
    .from(rounds)
    .innerJoin(newest, eq(newest.datasetId, rounds.datasetId))
    .where(eq(rounds.competitionId, competitionId))
    .orderBy(rounds.number);
}

interface Which {
  /** null: all, for the organizer */
  shown: { actions: readonly string[]; teamIds: readonly string[] } | null;
  limit: number;
  before: string | undefined;
}

/** A contest's history, newest first. */
export function listHistory(db: Db | Tx, competitionId: string, { shown, limit, before }: Which) {
  const entrantTeams = alias(teams, "entrant_teams");
  const concerns = shown
    ? and(
        inArray(competitionChanges.action, [...shown.actions]),
        or(
          sql`${competitionChanges.entrantId} is null`,
          sql`${entrants.teamId} = any(${sql.param([...shown.teamIds])}::text[])`,
        ),
      )
    : undefined;
  return db
    .select({ change: competitionChanges, actor: users.name, round: rounds.name, entrant: entrantTeams.slug })
    .from(competitionChanges)
    .leftJoin(users, eq(users.id, competitionChanges.actorId))
    .leftJoin(rounds, eq(rounds.id, competitionChanges.roundId))
    .leftJoin(entrants, eq(entrants.id, competitionChanges.entrantId))
    .leftJoin(entrantTeams, eq(entrantTeams.id, entrants.teamId))
    .where(
      and(
        eq(competitionChanges.competitionId, competitionId),
        concerns,
        before ? lt(competitionChanges.id, before) : undefined,
      ),
    )
    .orderBy(desc(competitionChanges.id))
    .limit(limit);
}
