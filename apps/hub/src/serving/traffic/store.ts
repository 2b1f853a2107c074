import { and, desc, eq, inArray, lt, lte, ne, sql } from "drizzle-orm";
import { users } from "../../accounts/schema.ts";
import type { Db, Tx } from "../../platform/database.ts";
import { rollouts } from "../rollouts/schema.ts";
import { bindings, endpoints } from "../schema.ts";
import { trafficChanges } from "./schema.ts";

export type TrafficChangeRow = typeof trafficChanges.$inferSelect;

export async function insertTrafficChange(tx: Tx, row: typeof trafficChanges.$inferInsert): Promise<void> {
  await tx.insert(trafficChanges).values(row);
}

/** An endpoint's changes, newest first, with who made them. */
export function listTrafficChanges(
  db: Db | Tx,
  endpointId: string,
  limit: number,
  before: string | undefined,
) {
  return db
    .select({ change: trafficChanges, actor: users.name })
    .from(trafficChanges)
    .leftJoin(users, eq(users.id, trafficChanges.actorId))
    .where(and(eq(trafficChanges.endpointId, endpointId), before ? lt(trafficChanges.id, before) : undefined))
    .orderBy(desc(trafficChanges.id))
    .limit(limit);
}

/** The newest change that changed a share. */
export async function lastTrafficChange(tx: Tx, endpointId: string): Promise<TrafficChangeRow | null> {
  const [row] = await tx
    .select()
    .from(trafficChanges)
    .where(and(eq(trafficChanges.endpointId, endpointId), ne(trafficChanges.before, trafficChanges.after)))
    .orderBy(desc(trafficChanges.id))
    .limit(1);
  return row ?? null;
}

export async function setKeepOld(tx: Tx, endpointId: string, keepOldMs: number): Promise<void> {
  await tx.update(endpoints).set({ keepOldMs }).where(eq(endpoints.id, endpointId));
}

/** Bindings that have drained by `now`: their sessions may be stopped. */
export function drainedBindings(db: Db | Tx, now: Date) {
  return db
    .select()
    .from(bindings)
    .where(and(eq(bindings.state, "draining"), lte(bindings.drainedAt, now)))
    .orderBy(bindings.id);
}

/** Versions that have been without traffic for as long as their endpoint keeps them, unless a canary may go back to them. */
export function idleBindings(db: Db | Tx, now: Date) {
  const live = db
    .select({ id: rollouts.endpointId })
    .from(rollouts)
    .where(inArray(rollouts.state, ["running", "paused"]));
  return db
    .select({ binding: bindings })
    .from(bindings)
    .innerJoin(endpoints, eq(endpoints.id, bindings.endpointId))
    .where(
      and(
        inArray(bindings.state, ["starting", "ready", "idle"]),
        eq(bindings.weight, 0),
        eq(bindings.shadowPercent, 0),
        lte(
          sql`${bindings.idleSince} + make_interval(secs => ${endpoints.keepOldMs} / 1000.0)`,
          now.toISOString(),
        ),
        sql`${bindings.endpointId} not in ${live}`,
      ),
    )
    .orderBy(bindings.id);
}
