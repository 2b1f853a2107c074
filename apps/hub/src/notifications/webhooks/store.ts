import { and, count, eq, gt, isNull, lt, or, sql } from "drizzle-orm";
import type { Db, Tx } from "../../platform/database.ts";
import { teams } from "../../teams/schema.ts";
import { type DeliveryState, notifications, webhookDeliveries, webhooks } from "../schema.ts";

export type WebhookRow = typeof webhooks.$inferSelect;

export async function insertWebhook(tx: Tx, row: typeof webhooks.$inferInsert): Promise<WebhookRow> {
  const [stored] = await tx.insert(webhooks).values(row).returning();
  if (!stored) throw new Error("The webhook was not stored.");
  return stored;
}

/** A team's webhooks, oldest first, each with what went wrong with its last message. */
export function listWebhooks(db: Db | Tx, teamId: string) {
  const lastError = sql<
    string | null
  >`(select d.error from webhook_deliveries d where d.webhook_id = webhooks.id order by d.created_at desc, d.id desc limit 1)`;
  return db
    .select({ webhook: webhooks, lastError })
    .from(webhooks)
    .where(eq(webhooks.teamId, teamId))
    .orderBy(webhooks.id);
}

export async function findWebhook(db: Db | Tx, teamId: string, id: string): Promise<WebhookRow | null> {
  const [row] = await db
    .select()
    .from(webhooks)
    .where(and(eq(webhooks.teamId, teamId), eq(webhooks.id, id)));
  return row ?? null;
}

/** @returns false when there is none */
export async function deleteWebhook(tx: Tx, teamId: string, id: string): Promise<boolean> {
  const rows = await tx
    .delete(webhooks)
    .where(and(eq(webhooks.teamId, teamId), eq(webhooks.id, id)))
    .returning({ id: webhooks.id });
  return rows.length === 1;
}

export async function countWebhooks(tx: Tx, teamId: string): Promise<number> {
  const [row] = await tx.select({ count: count() }).from(webhooks).where(eq(webhooks.teamId, teamId));
  return row?.count ?? 0;
}

/** Locked, so that of two who add at once one counts the other's. */
export async function lockTeam(tx: Tx, teamId: string): Promise<void> {
  await tx.select({ id: teams.id }).from(teams).where(eq(teams.id, teamId)).for("no key update");
}

/** A notification with its team's webhooks that are not turned off. */
export async function findTargets(db: Db | Tx, notificationId: string) {
  return db
    .select({ id: webhooks.id, kinds: webhooks.kinds, kind: notifications.kind })
    .from(notifications)
    .innerJoin(webhooks, eq(webhooks.teamId, notifications.teamId))
    .where(and(eq(notifications.id, notificationId), isNull(webhooks.disabledAt)));
}

/** False when this webhook has that message already. */
export async function insertDelivery(
  tx: Db | Tx,
  row: typeof webhookDeliveries.$inferInsert,
): Promise<boolean> {
  const rows = await tx
    .insert(webhookDeliveries)
    .values(row)
    .onConflictDoNothing()
    .returning({ id: webhookDeliveries.id });
  return rows.length === 1;
}

export async function findDelivery(db: Db | Tx, id: string) {
  const [row] = await db
    .select({ delivery: webhookDeliveries, webhook: webhooks, notification: notifications, team: teams.slug })
    .from(webhookDeliveries)
    .innerJoin(webhooks, eq(webhooks.id, webhookDeliveries.webhookId))
    .innerJoin(teams, eq(teams.id, webhooks.teamId))
    .leftJoin(notifications, eq(notifications.id, webhookDeliveries.notificationId))
    .where(eq(webhookDeliveries.id, id));
  return row ?? null;
}

/** Takes a queued message until then. False: another worker has it, or it is done. */
export async function claimDelivery(db: Db | Tx, id: string, now: Date, until: Date): Promise<boolean> {
  const rows = await db
    .update(webhookDeliveries)
    .set({ claimedUntil: until, tries: sql`${webhookDeliveries.tries} + 1` })
    .where(
      and(
        eq(webhookDeliveries.id, id),
        eq(webhookDeliveries.state, "queued"),
        or(isNull(webhookDeliveries.claimedUntil), lt(webhookDeliveries.claimedUntil, now)),
      ),
    )
    .returning({ id: webhookDeliveries.id });
  return rows.length === 1;
}

export async function settleDelivery(
  db: Db | Tx,
  id: string,
  set: { state: DeliveryState; status: number | null; error: string | null; doneAt: Date | null },
): Promise<void> {
  await db
    .update(webhookDeliveries)
    .set({ ...set, claimedUntil: null })
    .where(eq(webhookDeliveries.id, id));
}

/** Something arrived. */
export async function markWorking(db: Db | Tx, webhookId: string): Promise<void> {
  await db.update(webhooks).set({ failingSince: null }).where(eq(webhooks.id, webhookId));
}

/** Nothing arrived. @returns since when nothing has */
export async function markFailing(db: Db | Tx, webhookId: string, now: Date): Promise<Date> {
  const [row] = await db
    .update(webhooks)
    .set({ failingSince: sql`coalesce(${webhooks.failingSince}, ${now.toISOString()}::timestamptz)` })
    .where(eq(webhooks.id, webhookId))
    .returning({ since: webhooks.failingSince });
  return row?.since ?? now;
}

/** Turns it on again, as if nothing had failed. Null when the team has none of this id. */
export async function enableWebhook(tx: Tx, teamId: string, id: string): Promise<WebhookRow | null> {
  const [row] = await tx
    .update(webhooks)
    .set({ disabledAt: null, failingSince: null })
    .where(and(eq(webhooks.teamId, teamId), eq(webhooks.id, id)))
    .returning();
  return row ?? null;
}

/** False when it was turned off already. */
export async function disableWebhook(tx: Tx, webhookId: string, now: Date): Promise<boolean> {
  const rows = await tx
    .update(webhooks)
    .set({ disabledAt: now })
    .where(and(eq(webhooks.id, webhookId), isNull(webhooks.disabledAt)))
    .returning({ id: webhooks.id });
  return rows.length === 1;
}

/** How many tests of a team's webhooks have been made since. */
export async function countTests(db: Db | Tx, teamId: string, since: Date): Promise<number> {
  const [row] = await db
    .select({ count: count() })
    .from(webhookDeliveries)
    .innerJoin(webhooks, eq(webhooks.id, webhookDeliveries.webhookId))
    .where(
      and(
        eq(webhooks.teamId, teamId),
        isNull(webhookDeliveries.notificationId),
        gt(webhookDeliveries.createdAt, since),
      ),
    );
  return row?.count ?? 0;
}
