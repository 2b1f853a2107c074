import { and, desc, eq, inArray, lt } from "drizzle-orm";
import type { Db, Tx } from "../../platform/database.ts";
import { bindings, endpoints } from "../schema.ts";
import { rollouts } from "./schema.ts";

export type RolloutRow = typeof rollouts.$inferSelect;

const isLive = inArray(rollouts.state, ["running", "paused"]);

export async function insertRollout(tx: Tx, row: typeof rollouts.$inferInsert): Promise<void> {
  await tx.insert(rollouts).values(row);
}

/** The canary that has an endpoint's traffic in hand; null: none. Locked after its endpoint. */
export async function lockLiveRollout(tx: Tx, endpointId: string): Promise<RolloutRow | null> {
  const [row] = await tx
    .select()
    .from(rollouts)
    .where(and(eq(rollouts.endpointId, endpointId), isLive))
    .for("no key update");
  return row ?? null;
}

export async function updateRollout(
  tx: Tx,
  id: string,
  set: Partial<typeof rollouts.$inferInsert>,
): Promise<void> {
  await tx.update(rollouts).set(set).where(eq(rollouts.id, id));
}

/** Endpoints with a canary under way. */
export function endpointsInRollout(db: Db | Tx) {
  return db
    .select({ endpoint: endpoints })
    .from(rollouts)
    .innerJoin(endpoints, eq(endpoints.id, rollouts.endpointId))
    .where(isLive)
    .orderBy(endpoints.id);
}

/** An endpoint's canaries, newest first, with the version of each. */
export function listRollouts(db: Db | Tx, endpointId: string, limit: number, before: string | undefined) {
  return db
    .select({ rollout: rollouts, version: bindings.version })
    .from(rollouts)
    .innerJoin(bindings, eq(bindings.id, rollouts.bindingId))
    .where(and(eq(rollouts.endpointId, endpointId), before ? lt(rollouts.id, before) : undefined))
    .orderBy(desc(rollouts.id))
    .limit(limit);
}

export async function findRollout(db: Db | Tx, id: string) {
  const [row] = await db
    .select({ rollout: rollouts, version: bindings.version, endpoint: endpoints.name })
    .from(rollouts)
    .innerJoin(bindings, eq(bindings.id, rollouts.bindingId))
    .innerJoin(endpoints, eq(endpoints.id, rollouts.endpointId))
    .where(eq(rollouts.id, id));
  return row ?? null;
}
