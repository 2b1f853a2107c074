import { eventSchema, type PodiumEvent } from "@podium/shared";
import { and, asc, inArray, isNull, sql } from "drizzle-orm";
import type { Context } from "./context.ts";
import { commitLazily, type Db, type Tx } from "./database.ts";
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
  await emitAll(ctx, tx, [event]);
}

/** The same of several events, in their order. */
export async function emitAll(
  ctx: Pick<Context, "ids" | "clock">,
  tx: Tx | Db,
  all: readonly PodiumEvent[],
): Promise<void> {
  if (all.length === 0) return;
  const createdAt = ctx.clock.now();
  const named = all.map((event) => ({ id: ctx.ids.next("event"), event }));
  await tx
    .insert(events)
    .values(named.map(({ id, event: { type, ...payload } }) => ({ id, type, payload, createdAt })));
  const said = sql.param(named.map((each) => JSON.stringify(each)));
  await tx.execute(sql`select pg_notify(${EVENT_CHANNEL}, said) from unnest(${said}::text[]) as said`);
}

/** An older hub leaves the events of a newer one in the outbox, for the newer one to relay. */
const KNOWN_TYPES = eventSchema.options.map((option) => option.shape.type.value);

/**
 * Hands unrelayed events to `deliver` and marks them, oldest first. Two hubs may relay at once: locked rows are
 * skipped. A crash after delivery repeats it, which the queue's job ids make harmless.
 * @returns how many were relayed
 */
export async function relayEvents(
  ctx: Pick<Context, "db" | "clock" | "log">,
  deliver: (batch: StoredEvent[]) => Promise<void>,
  limit = 200,
): Promise<number> {
  return ctx.db.transaction(async (tx) => {
    const rows = await tx
      .select()
      .from(events)
      .where(and(isNull(events.relayedAt), inArray(events.type, KNOWN_TYPES)))
      .orderBy(asc(events.id))
      .limit(limit)
      .for("update", { skipLocked: true });
    if (rows.length === 0) return 0;
    await deliver(rows.flatMap((row) => readEvent(ctx, row)));
    const ids = rows.map((row) => row.id);
    await commitLazily(tx);
    await tx.update(events).set({ relayedAt: ctx.clock.now() }).where(inArray(events.id, ids));
    return rows.length;
  });
}

/** An event that can't be read is a bug of its writer: it is logged and passed over, so that it holds up no other. */
function readEvent(ctx: Pick<Context, "log">, row: typeof events.$inferSelect): StoredEvent[] {
  const parsed = eventSchema.safeParse({ type: row.type, ...row.payload });
  if (parsed.success) return [{ id: row.id, event: parsed.data }];
  ctx.log.error({ err: parsed.error, event: row }, "an event can't be read and is passed over");
  return [];
}
