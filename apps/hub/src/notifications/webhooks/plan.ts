import type { EventOf } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { emit } from "../../platform/outbox.ts";
import { findTargets, insertDelivery } from "./store.ts";

/** Decides which webhooks get a notification; one job each follows. Once, however often it is asked for. */
export async function planWebhooks(
  ctx: Context,
  { notification_id }: EventOf<"notification.created">,
): Promise<void> {
  const targets = await findTargets(ctx.db, notification_id);
  const wanted = targets.filter(({ kinds, kind }) => kinds === null || kinds.includes(kind));
  if (wanted.length === 0) return;
  await ctx.db.transaction(async (tx) => {
    for (const { id: webhookId } of wanted) {
      const id = ctx.ids.next("webhookDelivery");
      const row = { id, webhookId, notificationId: notification_id, createdAt: ctx.clock.now() };
      if (await insertDelivery(tx, { ...row, state: "queued" }))
        await emit(ctx, tx, { type: "webhook.due", delivery_id: id });
    }
  });
}
