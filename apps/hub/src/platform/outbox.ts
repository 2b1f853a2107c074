import { eventSchema, type PodiumEvent } from "@podium/shared";
import { asc, inArray, isNull, sql } from "drizzle-orm";
import type { Context } from "./context.ts";
import type { Db, Tx } from "./database.ts";
import { events } from "./schema.ts";

/** Postgres channel on which every hub hears of new events, right after the commit that made them. */
export const EVENT_CHANNEL = "podium_events";

export interface StoredEvent {
  id: string;
  event: PodiumEvent;
}

/** Writes an event in the caller's transaction: either both the change and its event exist, or neither. */
export async function emit(
  ctx: Pick<Context, "ids" | "clock">,
  tx: Tx | Db,
  event: PodiumEvent,
): Promise<void> {
  const id = ctx.ids.next("event");
  const { type, ...payload } = event;
  await tx.insert(events).values({ id, type, payload, createdAt: ctx.clock.now() });
  await tx.execute(sql`select pg_notify(${EVENT_CHANNEL}, ${JSON.stringify({ id, event })})`);
}

/**
 * Hands unrelayed events to `deliver` and marks them, oldest first. Two hubs may relay at once: locked rows are
 * skipped. A crash after delivery repeats it, which the queue's job ids make harmless.
 * @returns how many were relayed
 */
export async function relayEvents(
  ctx: Pick<Context, "db" | "clock">,
  deliver: (batch: StoredEvent[]) => Promise<void>,
  limit = 200,
): Promise<number> {
  return ctx.db.transaction(async (tx) => {
    const rows = await tx
      .select()
      .from(events)
      .where(isNull(events.relayedAt))
      .orderBy(asc(events.id))
      .limit(limit)
      .for("update", { skipLocked: true });
    if (rows.length === 0) return 0;
    await deliver(
      rows.map((row) => ({ id: row.id, event: eventSchema.parse({ type: row.type, ...row.payload }) })),
    );
    const ids = rows.map((row) => row.id);
    await tx.update(events).set({ relayedAt: ctx.clock.now() }).where(inArray(events.id, ids));
    return rows.length;
  });
}
