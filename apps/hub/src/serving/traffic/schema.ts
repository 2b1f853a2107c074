import type { Share, TRAFFIC_CAUSES } from "@podium/shared";
import { index, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { users } from "../../accounts/schema.ts";
import { instant } from "../../platform/schema.ts";
import { endpoints } from "../schema.ts";

/** Who gave which version which share, and when: the endpoint's audit trail, and what a rollback goes back to. */
export const trafficChanges = pgTable(
  "traffic_changes",
  {
    id: text("id").primaryKey(),
    endpointId: text("endpoint_id")
      .notNull()
      .references(() => endpoints.id),
    at: instant("at").notNull(),
    /** null: Podium itself */
    actorId: text("actor_id").references(() => users.id),
    cause: text("cause").$type<(typeof TRAFFIC_CAUSES)[number]>().notNull(),
    before: jsonb("before").$type<Share[]>().notNull(),
    after: jsonb("after").$type<Share[]>().notNull(),
    note: text("note"),
  },
  (t) => [index("traffic_changes_endpoint").on(t.endpointId, t.id)],
);
