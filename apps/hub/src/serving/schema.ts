import type { ModelSignature } from "@podium/shared";
import {
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { instant, whole } from "../platform/schema.ts";
import { sessions } from "../sessions/schema.ts";
import { teams } from "../teams/schema.ts";

export const endpoints = pgTable("endpoints", {
  id: text("id").primaryKey(),
  teamId: text("team_id")
    .notNull()
    .references(() => teams.id),
  name: text("name").notNull().unique(),
  public: boolean("public").notNull(),
  timeoutMs: integer("timeout_ms").notNull(),
  maxQueue: integer("max_queue").notNull(),
  maxBodyBytes: integer("max_body_bytes").notNull(),
  createdAt: instant("created_at").notNull(),
});

export const bindings = pgTable(
  "bindings",
  {
    id: text("id").primaryKey(),
    endpointId: text("endpoint_id")
      .notNull()
      .references(() => endpoints.id),
    version: integer("version").notNull(),
    model: text("model").notNull(),
    weight: doublePrecision("weight").notNull(),
    state: text("state").$type<"starting" | "ready" | "idle" | "stopped" | "failed">().notNull(),
    failure: text("failure"),
    signature: jsonb("signature").$type<ModelSignature>(),
    sessionId: text("session_id").references(() => sessions.id),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [
    uniqueIndex("bindings_version").on(t.endpointId, t.version),
    index("bindings_session").on(t.sessionId),
  ],
);

export const endpointKeys = pgTable(
  "endpoint_keys",
  {
    id: text("id").primaryKey(),
    endpointId: text("endpoint_id")
      .notNull()
      .references(() => endpoints.id),
    name: text("name").notNull(),
    sha256: text("sha256").notNull().unique(),
    expiresAt: instant("expires_at"),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [index("endpoint_keys_endpoint").on(t.endpointId)],
);

export const gateways = pgTable("gateways", {
  id: text("id").primaryKey(),
  replicaUrl: text("replica_url").notNull(),
  publicUrl: text("public_url").notNull(),
  lastSeenAt: instant("last_seen_at").notNull(),
});

/** Usage reports taken, so that a repeated one is not charged again. */
export const usageReports = pgTable(
  "usage_reports",
  {
    gatewayId: text("gateway_id").notNull(),
    sequence: whole("sequence").notNull(),
    receivedAt: instant("received_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.gatewayId, t.sequence] })],
);

/** Calls of an endpoint; what is charged for them follows from the total (see credits/pricing.ts). */
export const endpointUsage = pgTable("endpoint_usage", {
  endpointId: text("endpoint_id")
    .primaryKey()
    .references(() => endpoints.id),
  calls: whole("calls").notNull(),
  failed: whole("failed").notNull(),
});

/** One row: counts the changes that gateways must hear of. */
export const routesVersion = pgTable("routes_version", {
  id: integer("id").primaryKey(),
  version: integer("version").notNull(),
});
