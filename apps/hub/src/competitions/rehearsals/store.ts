import { and, eq, lt } from "drizzle-orm";
import type { Db, Tx } from "../../platform/database.ts";
import {
  competitionChanges,
  competitions,
  competitionVersions,
  entrantMembers,
  entrantMerges,
  entrants,
  rounds,
  submissions,
} from "../schema.ts";

export function abandonedRehearsals(db: Db | Tx, before: Date): Promise<{ id: string }[]> {
  return db
    .select({ id: competitions.id })
    .from(competitions)
    .where(and(eq(competitions.rehearsal, true), lt(competitions.createdAt, before)));
}

export function entrantsOf(db: Db | Tx, competitionId: string): Promise<{ id: string }[]> {
  return db.select({ id: entrants.id }).from(entrants).where(eq(entrants.competitionId, competitionId));
}

/** Deletes a contest's submissions, entrants and rounds; nothing of later domains may name them any more. */
export async function deleteRounds(tx: Tx, competitionId: string): Promise<void> {
  for (const table of [submissions, entrantMerges, entrantMembers, entrants, rounds])
    await tx.delete(table).where(eq(table.competitionId, competitionId));
}

/** Deletes what is left of a contest without rounds. */
export async function deleteContest(tx: Tx, id: string): Promise<void> {
  for (const table of [competitionChanges, competitionVersions])
    await tx.delete(table).where(eq(table.competitionId, id));
  await tx.delete(competitions).where(eq(competitions.id, id));
}
