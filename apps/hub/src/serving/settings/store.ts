import { eq, inArray } from "drizzle-orm";
import type { Db, Tx } from "../../platform/database.ts";
import { bindings, endpoints } from "../schema.ts";

export async function updateEndpoint(
  tx: Tx,
  id: string,
  set: Partial<typeof endpoints.$inferInsert>,
): Promise<void> {
  await tx.update(endpoints).set(set).where(eq(endpoints.id, id));
}

/** How long a call may take at each of these versions, milliseconds. */
export async function callLimits(
  db: Db | Tx,
  bindingIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (bindingIds.length === 0) return new Map();
  const rows = await db
    .select({ id: bindings.id, timeoutMs: endpoints.timeoutMs })
    .from(bindings)
    .innerJoin(endpoints, eq(endpoints.id, bindings.endpointId))
    .where(inArray(bindings.id, [...bindingIds]));
  return new Map(rows.map(({ id, timeoutMs }) => [id, timeoutMs]));
}
