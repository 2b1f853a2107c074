import { and, eq } from "drizzle-orm";
import type { Db, Tx } from "../platform/database.ts";
import { scores } from "./schema.ts";

export async function findScore(db: Db | Tx, submissionId: string, scorerVersion: string) {
  const [row] = await db
    .select()
    .from(scores)
    .where(and(eq(scores.submissionId, submissionId), eq(scores.scorerVersion, scorerVersion)));
  return row ?? null;
}

/** Invariant 3: the second score of a (submission, scorer version) is not stored. */
export async function insertScore(tx: Tx, row: typeof scores.$inferInsert): Promise<void> {
  await tx.insert(scores).values(row).onConflictDoNothing();
}
