import { z } from "zod";
import { idSchema } from "./ids.ts";

interface Kind {
  title: string;
  /** whether it is mailed to those who have said nothing about it */
  mail: boolean;
}

/**
 * What Podium tells people. `node.…` goes to the administrators of the hub, all else to a team; a wrong leaderboard to
 * both, its organizer's and the administrators. An invitation has a mail of its own, with what accepts it.
 */
export const NOTIFICATIONS = {
  "session.ended": { title: "A session failed", mail: true },
  "session.stalled": { title: "A session seems to be stuck", mail: true },
  "session.active": { title: "A session that seemed stuck goes on, or has ended", mail: false },
  "session.idle_gpus": { title: "A session holds GPUs that it does not use", mail: true },
  "session.busy_gpus": { title: "GPUs that were not used are, or their session has ended", mail: false },
  "submission.scored": { title: "A submission was scored", mail: false },
  "submission.failed": { title: "A submission failed", mail: true },
  "credits.exhausted": { title: "The team's credit is used up", mail: true },
  "credits.low": { title: "The team's credit will soon be used up", mail: true },
  "credits.enough": { title: "The team's credit lasts again", mail: false },
  "rollout.ended": { title: "A canary was promoted, rolled back or given up", mail: true },
  "batch_inference.ended": { title: "A dataset was predicted, or that failed", mail: true },
  "team.invited": { title: "You are invited to a team", mail: false },
  "entrant.judged": { title: "Your team was excluded from a contest, or let in again", mail: true },
  "merge.proposed": { title: "A team proposes to become one with yours", mail: true },
  "merge.answered": { title: "A merge was accepted, refused or taken back", mail: true },
  "leaderboard.wrong": { title: "A leaderboard was other than its submissions give", mail: true },
  "webhook.disabled": { title: "A webhook was turned off", mail: true },
  "node.leak": { title: "Something is left on a node", mail: true },
  "node.clear": { title: "What was left on a node is gone", mail: false },
} as const satisfies Record<string, Kind>;
export type NotificationKind = keyof typeof NOTIFICATIONS;

export const notificationKindSchema = z
  .enum(Object.keys(NOTIFICATIONS) as [NotificationKind, ...NotificationKind[]])
  .meta({ id: "NotificationKind", description: "What a notification tells of" });

export const notificationSchema = z
  .object({
    id: idSchema("notification"),
    kind: notificationKindSchema,
    subject: z.string(),
    text: z.string(),
    created_at: z.iso.datetime({ offset: true }),
  })
  .meta({ id: "Notification" });

export const mailPreferencesSchema = z
  .object({
    /** false: this hub sends no mail at all */
    available: z.boolean().describe("Whether this hub sends mail"),
    kinds: z.array(z.object({ kind: notificationKindSchema, title: z.string(), mail: z.boolean() })),
  })
  .meta({ id: "MailPreferences" });
export const setMailPreferenceSchema = z.strictObject({ mail: z.boolean() });

export const webhookSchema = z
  .object({
    id: idSchema("webhook"),
    url: z.string(),
    kinds: z.array(notificationKindSchema).nullable().describe("Null: every kind"),
    state: z.enum(["active", "failing", "disabled"]),
    last_error: z.string().nullable(),
    created_at: z.iso.datetime({ offset: true }),
  })
  .meta({ id: "Webhook" });
export const createWebhookSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: "must be an http:// or https:// address" }).max(2000),
  kinds: z.array(notificationKindSchema).min(1).max(50).optional(),
});
export const newWebhookSchema = webhookSchema
  .extend({ secret: z.string().describe("Signs what is posted; shown once") })
  .meta({ id: "NewWebhook" });
export const webhookTestSchema = z
  .object({
    delivered: z.boolean(),
    status: z.number().int().nullable().describe("What the address answered"),
    error: z.string().nullable(),
  })
  .meta({ id: "WebhookTest" });
