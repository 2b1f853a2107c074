import { and, desc, eq, lt, type SQL } from "drizzle-orm";
import type { Db, Tx } from "../../platform/database.ts";
import { sessions } from "../../sessions/schema.ts";
import { bindings, endpoints } from "../schema.ts";
import { batchInferences } from "./schema.ts";

export type BatchInferenceRow = typeof batchInferences.$inferSelect;

export async function insertBatchInference(tx: Tx, row: typeof batchInferences.$inferInsert): Promise<void> {
  await tx.insert(batchInferences).values(row);
}

const describe = (db: Db | Tx, where: SQL | undefined) =>
  db
    .select({
      batch: batchInferences,
      version: bindings.version,
      model: bindings.model,
      endpoint: endpoints.name,
      teamId: endpoints.teamId,
      progress: sessions.progress,
    })
    .from(batchInferences)
    .innerJoin(bindings, eq(bindings.id, batchInferences.bindingId))
    .innerJoin(endpoints, eq(endpoints.id, batchInferences.endpointId))
    .innerJoin(sessions, eq(sessions.id, batchInferences.sessionId))
    .where(where);

/** One, with the version and model that predicts, and its endpoint. */
export async function findBatchInference(db: Db | Tx, id: string) {
  const [row] = await describe(db, eq(batchInferences.id, id));
  return row ?? null;
}

export type DescribedBatch = NonNullable<Awaited<ReturnType<typeof findBatchInference>>>;

/** An endpoint's, newest first. */
export function listBatchInferences(
  db: Db | Tx,
  endpointId: string,
  limit: number,
  before: string | undefined,
): Promise<DescribedBatch[]> {
  const where = and(
    eq(batchInferences.endpointId, endpointId),
    before ? lt(batchInferences.id, before) : undefined,
  );
  return describe(db, where).orderBy(desc(batchInferences.id)).limit(limit);
}

/** The one that a session was made for, locked: an event that comes twice ends it once. */
export async function lockBatchOfSession(tx: Tx, sessionId: string): Promise<BatchInferenceRow | null> {
  const [row] = await tx
    .select()
    .from(batchInferences)
    .where(eq(batchInferences.sessionId, sessionId))
    .for("no key update");
  return row ?? null;
}

export async function updateBatchInference(
  tx: Tx,
  id: string,
  set: Partial<typeof batchInferences.$inferInsert>,
): Promise<void> {
  await tx.update(batchInferences).set(set).where(eq(batchInferences.id, id));
}
