import { DomainError } from "@podium/shared";
import type { Post } from "@podium/webhooks";
import type { Context } from "../../platform/context.ts";
import { attempt } from "./deliver.ts";
import { changeableWebhook } from "./manage.ts";
import { countTests, findDelivery, insertDelivery, settleDelivery } from "./store.ts";

const MINUTE_MS = 60_000;
const TESTS_A_MINUTE = 5;

/**
 * Posts a message of the kind `webhook.test` to a webhook at once, also to one that is turned off, and says how that went.
 * @throws DomainError `not_found`, `forbidden`, `limit_reached`
 */
export async function tryWebhook(ctx: Context, post: Post, slug: string, webhookId: string) {
  const webhook = await changeableWebhook(ctx, slug, webhookId);
  const now = ctx.clock.now();
  if ((await countTests(ctx.db, webhook.teamId, new Date(now.getTime() - MINUTE_MS))) >= TESTS_A_MINUTE)
    throw new DomainError("limit_reached", `A team makes at most ${TESTS_A_MINUTE} tests a minute.`, {
      retry_after_seconds: 60,
    });
  const id = ctx.ids.next("webhookDelivery");
  // Written as failed first: a hub that dies meanwhile leaves nothing that would be sent again.
  await insertDelivery(ctx.db, {
    id,
    webhookId,
    notificationId: null,
    state: "failed",
    tries: 1,
    createdAt: now,
  });
  const found = await findDelivery(ctx.db, id);
  if (!found) throw new DomainError("not_found", "The webhook has just been removed.");
  const { status, error } = await attempt(ctx, post, found);
  const state = error === null ? "sent" : "failed";
  await settleDelivery(ctx.db, id, { state, status, error, doneAt: ctx.clock.now() });
  return { delivered: error === null, status, error };
}
