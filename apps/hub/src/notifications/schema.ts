import { index, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { instant } from "../platform/schema.ts";
import { teams } from "../teams/schema.ts";

/** What a team should know; one per event that is worth telling. */
export const notifications = pgTable(
  "notifications",
  {
    id: text("id").primaryKey(),
    teamId: text("team_id")
      .notNull()
      .references(() => teams.id),
    kind: text("kind").notNull(),
    subject: text("subject").notNull(),
    text: text("text").notNull(),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [
    uniqueIndex("notifications_once").on(t.kind, t.subject),
    index("notifications_team").on(t.teamId, t.id),
  ],
);
