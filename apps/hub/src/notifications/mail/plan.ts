import { type EventOf, type Id, NOTIFICATIONS } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { emit } from "../../platform/outbox.ts";
import { audienceOf, countSince, findNotification, insertDeliveries } from "./store.ts";

const DAY_MS = 86_400_000;
/** A script that fails in a loop fills no mailbox; the notifications page has all of it. */
export const MAILS_A_DAY = 100;

/** Decides who gets a notification by mail; one job each follows. Once, however often it is asked for. */
export async function planMail(ctx: Context, event: EventOf<"notification.created">): Promise<void> {
  const notification = await findNotification(ctx.db, event.notification_id);
  if (!notification) return;
  const { id, kind } = notification;
  const now = ctx.clock.now();
  await ctx.db.transaction(async (tx) => {
    const audience = await audienceOf(tx, notification);
    const wanting = audience.filter(({ enabled }) => enabled ?? NOTIFICATIONS[kind].mail);
    const ids = wanting.map(({ userId }) => userId);
    const sent = await countSince(tx, ids, new Date(now.getTime() - DAY_MS));
    const rows = ids.map((userId) => ({
      notificationId: id,
      userId,
      state: (sent.get(userId) ?? 0) < MAILS_A_DAY ? ("queued" as const) : ("skipped" as const),
      createdAt: now,
    }));
    const queued = new Set(rows.filter(({ state }) => state === "queued").map(({ userId }) => userId));
    for (const userId of await insertDeliveries(tx, rows))
      if (queued.has(userId))
        await emit(ctx, tx, {
          type: "mail.due",
          notification_id: event.notification_id,
          user_id: userId as Id<"user">,
        });
  });
}
