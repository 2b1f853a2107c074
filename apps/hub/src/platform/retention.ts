import { and, isNotNull, lt } from "drizzle-orm";
import type { Context } from "./context.ts";
import { events, idempotencyKeys } from "./schema.ts";

const DAY_MS = 86_400_000;
/** For a look at what happened; nothing reads relayed events. */
const EVENTS_KEPT_DAYS = 30;
/** A client that tries again after this long makes a new request of it. */
const KEYS_KEPT_DAYS = 7;
/** No upload takes as long. */
const UPLOADS_KEPT_DAYS = 2;

/** Removes what only the recent past needs: relayed events, answers kept for retries, uploads that were cut off. */
export async function sweepOld(ctx: Context): Promise<{ events: number; keys: number; uploads: number }> {
  const before = (days: number) => new Date(ctx.clock.now().getTime() - days * DAY_MS);
  const oldEvents = await ctx.db
    .delete(events)
    .where(and(isNotNull(events.relayedAt), lt(events.relayedAt, before(EVENTS_KEPT_DAYS))));
  const oldKeys = await ctx.db
    .delete(idempotencyKeys)
    .where(lt(idempotencyKeys.createdAt, before(KEYS_KEPT_DAYS)));
  const uploads = await ctx.blobs.removeUnfinished(before(UPLOADS_KEPT_DAYS));
  return { events: countOf(oldEvents), keys: countOf(oldKeys), uploads };
}

const countOf = (result: unknown) => (result as { rowCount?: number | null }).rowCount ?? 0;
