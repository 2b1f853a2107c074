import type { NotificationKind } from "@podium/shared";
import { boolean, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import { users } from "../accounts/schema.ts";
import { instant } from "../platform/schema.ts";
import { teams } from "../teams/schema.ts";

/** What a team should know; one per event that is worth telling. */
export const notifications = pgTable(
  "notifications",
  {
    id: text("id").primaryKey(),
    /** null: it is for the administrators */
    teamId: text("team_id").references(() => teams.id),
    kind: text("kind").$type<NotificationKind>().notNull(),
    subject: text("subject").notNull(),
    text: text("text").notNull(),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [
    uniqueIndex("notifications_once").on(t.kind, t.subject),
    index("notifications_team").on(t.teamId, t.id),
  ],
);

/** What a user wants by mail, where that is not the default of its kind. */
export const mailPreferences = pgTable(
  "mail_preferences",
  {
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    kind: text("kind").$type<NotificationKind>().notNull(),
    enabled: boolean("enabled").notNull(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.kind] })],
);

/** What became of a message: `refused` for good by the other side, `failed` after a day, `skipped` as one too many. */
export type DeliveryState = "queued" | "sent" | "refused" | "failed" | "skipped";

const delivery = {
  state: text("state").$type<DeliveryState>().notNull(),
  tries: integer("tries").notNull().default(0),
  error: text("error"),
  /** one worker at a time sends it; one that died holds it until then */
  claimedUntil: instant("claimed_until"),
  createdAt: instant("created_at").notNull(),
  doneAt: instant("done_at"),
};

/** One message to one user. */
export const mailDeliveries = pgTable(
  "mail_deliveries",
  {
    notificationId: text("notification_id")
      .notNull()
      .references(() => notifications.id),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    ...delivery,
  },
  (t) => [
    primaryKey({ columns: [t.notificationId, t.userId] }),
    index("mail_deliveries_user").on(t.userId, t.createdAt),
  ],
);

/** Where a team's notifications are posted. The secret is derived from the id: see webhook-secret.ts. */
export const webhooks = pgTable(
  "webhooks",
  {
    id: text("id").primaryKey(),
    teamId: text("team_id")
      .notNull()
      .references(() => teams.id),
    url: text("url").notNull(),
    /** null: all */
    kinds: jsonb("kinds").$type<NotificationKind[]>(),
    createdAt: instant("created_at").notNull(),
    /** since when nothing has arrived */
    failingSince: instant("failing_since"),
    disabledAt: instant("disabled_at"),
  },
  (t) => [index("webhooks_team").on(t.teamId)],
);

/** One message to one webhook; those without a notification are tests. */
export const webhookDeliveries = pgTable(
  "webhook_deliveries",
  {
    id: text("id").primaryKey(),
    webhookId: text("webhook_id")
      .notNull()
      .references(() => webhooks.id, { onDelete: "cascade" }),
    notificationId: text("notification_id").references(() => notifications.id),
    /** what the other side answered last */
    status: integer("status"),
    ...delivery,
  },
  (t) => [uniqueIndex("webhook_deliveries_once").on(t.webhookId, t.notificationId)],
);
