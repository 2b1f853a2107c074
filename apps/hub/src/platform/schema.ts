import { sql } from "drizzle-orm";
import {
  bigint,
  customType,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from "drizzle-orm/pg-core";

/** Time with zone, always as a `Date`. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

/** Whole number up to 2^53: bytes, microcredits. */
export const whole = (name: string) => bigint(name, { mode: "number" });

export const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" });

/** Outbox: written in the transaction of the change it tells of, relayed to BullMQ afterwards. */
export const events = pgTable(
  "events",
  {
    id: text("id").primaryKey(),
    type: text("type").notNull(),
    payload: jsonb("payload").$type<Record<string, unknown>>().notNull(),
    createdAt: instant("created_at").notNull(),
    relayedAt: instant("relayed_at"),
  },
  (t) => [index("events_unrelayed").on(t.id).where(sql`${t.relayedAt} is null`)],
);

/** Leadership of a background duty: one holder at a time, fenced by the epoch. */
export const leases = pgTable("leases", {
  name: text("name").primaryKey(),
  holder: text("holder").notNull(),
  epoch: integer("epoch").notNull(),
  expiresAt: instant("expires_at").notNull(),
});

/** Answers of writes that carried an Idempotency-Key, stored in the transaction of the write itself. */
export const idempotencyKeys = pgTable(
  "idempotency_keys",
  {
    actor: text("actor").notNull(),
    key: text("key").notNull(),
    fingerprint: text("fingerprint").notNull(),
    result: jsonb("result").$type<unknown>(),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.actor, t.key] })],
);
