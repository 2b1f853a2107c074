import type { EventOf } from "@podium/shared";
import { type Post, PostFailed, signedHeaders, webhookSecret } from "@podium/webhooks";
import type { Context } from "../../platform/context.ts";
import { tell } from "../notify.ts";
import {
  claimDelivery,
  disableWebhook,
  findDelivery,
  markFailing,
  markWorking,
  settleDelivery,
} from "./store.ts";

const DAY_MS = 86_400_000;
/** Longer than a post may take. */
const CLAIM_MS = 60_000;
/** A webhook to which nothing has got through for so long is turned off. */
const DISABLE_AFTER_MS = 3 * DAY_MS;
/** "Do not come back": it is turned off at once. */
const GONE = 410;

type Found = NonNullable<Awaited<ReturnType<typeof findDelivery>>>;

/**
 * Posts one message to one webhook. At least once, under the same id each time. What fails is thrown, so that the queue
 * tries again with growing pauses; after a day it is given up.
 */
export async function deliverWebhook(
  ctx: Context,
  post: Post,
  { delivery_id: id }: EventOf<"webhook.due">,
): Promise<void> {
  const found = await findDelivery(ctx.db, id);
  if (!found?.notification || found.delivery.state !== "queued") return;
  const now = ctx.clock.now();
  if (found.webhook.disabledAt) return giveUp(ctx, id, null, "The webhook has been turned off.");
  if (!(await claimDelivery(ctx.db, id, now, new Date(now.getTime() + CLAIM_MS))))
    throw new Error("Another worker is posting this message; it is looked at again.");

  const { status, error } = await attempt(ctx, post, found);
  if (error === null) {
    await markWorking(ctx.db, found.webhook.id);
    return settleDelivery(ctx.db, id, { state: "sent", status, error, doneAt: now });
  }
  const since = await markFailing(ctx.db, found.webhook.id, now);
  if (status === GONE || now.getTime() - since.getTime() > DISABLE_AFTER_MS) await turnOff(ctx, found, error);
  if (status === GONE || now.getTime() - found.delivery.createdAt.getTime() > DAY_MS)
    return giveUp(ctx, id, status, error);
  await settleDelivery(ctx.db, id, { state: "queued", status, error, doneAt: null });
  throw new Error(`A webhook could not be delivered: ${error}`);
}

/** Posts a message and says how that went: no error means that it arrived. */
export async function attempt(
  ctx: Context,
  post: Post,
  { delivery, webhook, notification, team }: Found,
): Promise<{ status: number | null; error: string | null }> {
  const body = JSON.stringify({
    type: notification?.kind ?? "webhook.test",
    timestamp: (notification?.createdAt ?? delivery.createdAt).toISOString(),
    data: {
      team,
      notification_id: notification?.id ?? null,
      subject: notification?.subject ?? webhook.id,
      text: notification?.text ?? "This is a test. Notifications of your team look like this.",
      url: `${ctx.settings.publicUrl}/notifications`,
    },
  });
  const secret = webhookSecret(ctx.settings.secret, webhook.id);
  const headers = signedHeaders(secret, { id: delivery.id, at: ctx.clock.now(), body });
  try {
    const status = await post(webhook.url, headers, body);
    if (status >= 200 && status < 300) return { status, error: null };
    const hint = status >= 300 && status < 400 ? " Redirects are not followed: name the final address." : "";
    return { status, error: `It answered ${status}.${hint}` };
  } catch (error) {
    if (!(error instanceof PostFailed)) throw error;
    return { status: null, error: error.message.slice(0, 500) };
  }
}

async function giveUp(ctx: Context, id: string, status: number | null, error: string): Promise<void> {
  await settleDelivery(ctx.db, id, { state: "failed", status, error, doneAt: ctx.clock.now() });
}

async function turnOff(ctx: Context, { webhook }: Found, error: string): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const now = ctx.clock.now();
    if (!(await disableWebhook(tx, webhook.id, now))) return;
    await tell(ctx, tx, {
      kind: "webhook.disabled",
      // Turned on again and off again it is told again.
      subject: `${webhook.id} ${now.toISOString()}`,
      teamId: webhook.teamId,
      text: `The webhook ${webhook.id} to ${new URL(webhook.url).host} was turned off: nothing got through. ${error} Turn it on again once it works: podium webhook on ${webhook.id}`,
    });
  });
}
