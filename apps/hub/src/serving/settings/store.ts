import { eq } from "drizzle-orm";
import type { Tx } from "../../platform/database.ts";
import { endpoints } from "../schema.ts";

export async function updateEndpoint(
  tx: Tx,
  id: string,
  set: Partial<typeof endpoints.$inferInsert>,
): Promise<void> {
  await tx.update(endpoints).set(set).where(eq(endpoints.id, id));
}
