import { boolean, index, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { users } from "../accounts/schema.ts";
import { instant } from "../platform/schema.ts";

// Teams are the organizations of better-auth: property names are its field names.

export const teams = pgTable("teams", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  slug: text("slug").notNull().unique(),
  logo: text("logo"),
  metadata: text("metadata"),
  personal: boolean("personal").notNull().default(false),
  createdAt: instant("created_at").notNull(),
});

export const members = pgTable(
  "members",
  {
    id: text("id").primaryKey(),
    organizationId: text("team_id")
      .notNull()
      .references(() => teams.id),
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    role: text("role").$type<"owner" | "admin" | "member">().notNull(),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [uniqueIndex("members_once").on(t.organizationId, t.userId), index("members_user").on(t.userId)],
);

/** Someone is asked by their address to join; their token is derived from the id: see invitations/token.ts. */
export const invitations = pgTable(
  "invitations",
  {
    id: text("id").primaryKey(),
    organizationId: text("team_id")
      .notNull()
      .references(() => teams.id),
    /** in lower case */
    email: text("email").notNull(),
    role: text("role").$type<"admin" | "member">(),
    status: text("status").$type<"pending" | "accepted" | "declined" | "revoked">().notNull(),
    inviterId: text("inviter_id")
      .notNull()
      .references(() => users.id),
    expiresAt: instant("expires_at").notNull(),
    createdAt: instant("created_at").notNull(),
    mailedAt: instant("mailed_at"),
  },
  (t) => [
    index("invitations_team").on(t.organizationId, t.id),
    index("invitations_email").on(t.email),
    index("invitations_inviter").on(t.inviterId, t.createdAt),
  ],
);
