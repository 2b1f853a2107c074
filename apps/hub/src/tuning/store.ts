import { and, desc, eq, inArray, lt, sql } from "drizzle-orm";
import type { Db, Tx } from "../platform/database.ts";
import { teams } from "../teams/schema.ts";
import { studies, trials } from "./schema.ts";

export type StudyRow = typeof studies.$inferSelect;
export type TrialRow = typeof trials.$inferSelect;

export async function insertStudy(
  tx: Tx,
  study: typeof studies.$inferInsert,
  rows: readonly (typeof trials.$inferInsert)[],
): Promise<void> {
  await tx.insert(studies).values(study);
  await tx.insert(trials).values([...rows]);
}

export async function lockStudy(tx: Tx, id: string): Promise<StudyRow | null> {
  const [row] = await tx.select().from(studies).where(eq(studies.id, id)).for("no key update");
  return row ?? null;
}

export async function findStudy(db: Db | Tx, id: string) {
  const [row] = await db
    .select({ study: studies, team: teams.slug })
    .from(studies)
    .innerJoin(teams, eq(teams.id, studies.teamId))
    .where(eq(studies.id, id));
  return row ?? null;
}

export function listStudies(
  db: Db | Tx,
  teamIds: readonly string[] | null,
  limit: number,
  before: string | undefined,
) {
  return db
    .select({ study: studies, team: teams.slug })
    .from(studies)
    .innerJoin(teams, eq(teams.id, studies.teamId))
    .where(
      and(
        teamIds === null
          ? undefined
          : teamIds.length === 0
            ? sql`false`
            : inArray(studies.teamId, [...teamIds]),
        before ? lt(studies.id, before) : undefined,
      ),
    )
    .orderBy(desc(studies.id))
    .limit(limit);
}

export function trialsOf(db: Db | Tx, studyId: string): Promise<TrialRow[]> {
  return db.select().from(trials).where(eq(trials.studyId, studyId)).orderBy(trials.number);
}

export async function findTrial(db: Db | Tx, sessionId: string): Promise<TrialRow | null> {
  const [row] = await db.select().from(trials).where(eq(trials.sessionId, sessionId));
  return row ?? null;
}

export async function updateTrial(
  tx: Tx,
  id: string,
  set: Partial<typeof trials.$inferInsert>,
): Promise<void> {
  await tx.update(trials).set(set).where(eq(trials.id, id));
}

export async function finishStudy(tx: Tx, id: string): Promise<void> {
  await tx.update(studies).set({ state: "finished" }).where(eq(studies.id, id));
}

/** The trees that studies name: their trials' sessions are made from them one after the other. */
export const treesOfStudies = () => sql`
  select spec->>'codeTree' as tree_id from studies
  union all select spec->'checkpoint'->>'tree_id' from studies
  union all select spec->'input'->>'tree_id' from studies
  union all select mount->>'tree_id' from studies, jsonb_array_elements(spec->'datasets') as mount`;
