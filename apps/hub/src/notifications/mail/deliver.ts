import type { EventOf } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { composeMail } from "./compose.ts";
import { type Mailer, MailRefused } from "./mailer.ts";
import { claimDelivery, findDelivery, settleDelivery } from "./store.ts";

const DAY_MS = 86_400_000;
/** Longer than the mailer waits for its server. */
const CLAIM_MS = 5 * 60_000;

/**
 * Sends one message to one user. At least once: a crash between the server's word and ours repeats it, under the same
 * Message-ID. What fails is thrown, so that the queue tries again with growing pauses; after a day it is given up.
 */
export async function deliverMail(
  ctx: Context,
  mailer: Mailer,
  { notification_id, user_id }: EventOf<"mail.due">,
): Promise<void> {
  const found = await findDelivery(ctx.db, notification_id, user_id);
  if (found?.delivery.state !== "queued") return;
  const now = ctx.clock.now();
  const until = new Date(now.getTime() + CLAIM_MS);
  if (!(await claimDelivery(ctx.db, notification_id, user_id, now, until)))
    throw new Error("Another worker is sending this message; it is looked at again.");

  const settle = (state: "queued" | "sent" | "refused" | "failed", error: unknown = null) =>
    settleDelivery(ctx.db, notification_id, user_id, {
      state,
      error: error === null ? null : String((error as Error).message).slice(0, 500),
      doneAt: state === "queued" ? null : ctx.clock.now(),
    });
  try {
    await mailer.send(composeMail(found.notification, found.user, ctx.settings.publicUrl));
  } catch (error) {
    if (error instanceof MailRefused) {
      ctx.log.warn({ err: error, user: user_id }, "a message was refused for good");
      return settle("refused", error);
    }
    const isTooOld = now.getTime() - found.delivery.createdAt.getTime() > DAY_MS;
    await settle(isTooOld ? "failed" : "queued", error);
    if (!isTooOld) throw error;
    ctx.log.error({ err: error, user: user_id }, "a message could not be sent for a day and is given up");
    return;
  }
  await settle("sent");
}
