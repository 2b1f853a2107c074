import type { Post } from "@podium/webhooks";
import { on, type Subscriber } from "../platform/subscribers.ts";
import { deliverMail } from "./mail/deliver.ts";
import { mailInvitation } from "./mail/invite.ts";
import type { Mailer } from "./mail/mailer.ts";
import { planMail } from "./mail/plan.ts";
import { notify } from "./notify.ts";
import { tellInvited } from "./tell-invited.ts";
import { tellOfBatchInference } from "./tell-of-batch-inference.ts";
import { tellOfContest } from "./tell-of-contest.ts";
import { tellOfRollout } from "./tell-of-rollout.ts";
import { deliverWebhook } from "./webhooks/deliver.ts";
import { planWebhooks } from "./webhooks/plan.ts";

export interface Senders {
  /** null: this hub sends no mail */
  mailer: Mailer | null;
  post: Post;
}

/** Queues whose messages are tried for a day: so often, with pauses that grow from half a second to nine hours. */
export const PATIENT_QUEUES = { mail: 19, webhooks: 19 } as const;

export const notificationJobs = ({ mailer, post }: Senders): Subscriber[] => [
  on(
    [
      "session.ended",
      "submission.scored",
      "submission.failed",
      "credits.exhausted",
      "alert.raised",
      "alert.cleared",
    ],
    "notifications.notify",
    notify,
  ),
  on(
    ["entrant.judged", "merge.changed", "leaderboard.repaired"],
    "notifications.tell-of-contest",
    tellOfContest,
  ),
  on(["team.invited"], "notifications.tell-invited", tellInvited),
  on(["rollout.ended"], "notifications.tell-of-rollout", tellOfRollout),
  on(["batch_inference.ended"], "notifications.tell-of-batch-inference", tellOfBatchInference),
  on(["notification.created"], "notifications.plan-webhooks", planWebhooks),
  on(["webhook.due"], "notifications.webhook", (ctx, event) => deliverWebhook(ctx, post, event), "webhooks"),
  ...(mailer ? mailJobs(mailer) : []),
];

const mailJobs = (mailer: Mailer): Subscriber[] => [
  on(["notification.created"], "notifications.plan-mail", planMail),
  on(["mail.due"], "notifications.mail", (ctx, event) => deliverMail(ctx, mailer, event), "mail"),
  on(
    ["team.invited"],
    "notifications.mail-invitation",
    (ctx, event) => mailInvitation(ctx, mailer, event),
    "mail",
  ),
];
