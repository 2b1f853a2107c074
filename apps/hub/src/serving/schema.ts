import type { KeyScope, ModelSignature, RateLimit } from "@podium/shared";
import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  date,
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
  /** how long a version that lost its traffic is kept ready, so that a rollback is instant */
  keepOldMs: whole("keep_old_ms").notNull().default(3_600_000),
  corsOrigins: jsonb("cors_origins").$type<string[]>().notNull().default([]),
  rate: jsonb("rate").$type<RateLimit>(),
  addressRate: jsonb("address_rate").$type<RateLimit>(),
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
    state: text("state").$type<"starting" | "ready" | "idle" | "draining" | "stopped" | "failed">().notNull(),
    failure: text("failure"),
    signature: jsonb("signature").$type<ModelSignature>(),
    sessionId: text("session_id").references(() => sessions.id),
    /** since when it has had no traffic, after it had some */
    idleSince: instant("idle_since"),
    /** while it is draining: when its session is stopped */
    drainedAt: instant("drained_at"),
    /** share of the calls that it gets a copy of, in percent; 0: none */
    shadowPercent: doublePrecision("shadow_percent").notNull().default(0),
    shadowTolerance: doublePrecision("shadow_tolerance").notNull().default(0.001),
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
    /** null: the key is for all endpoints of its team */
    endpointId: text("endpoint_id").references(() => endpoints.id),
    /** null: the key is for its endpoint alone */
    teamId: text("team_id").references(() => teams.id),
    name: text("name").notNull(),
    sha256: text("sha256").notNull().unique(),
    /** the secret before the last rotation, while it is still valid */
    oldSha256: text("old_sha256").unique(),
    oldUntil: instant("old_until"),
    /** null: all, as the keys had it before there were scopes */
    scopes: jsonb("scopes").$type<KeyScope[]>(),
    versions: jsonb("versions").$type<number[]>(),
    rate: jsonb("rate").$type<RateLimit>(),
    callsPerDay: whole("calls_per_day"),
    callsPerMonth: whole("calls_per_month"),
    expiresAt: instant("expires_at"),
    lastUsedAt: instant("last_used_at"),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [
    index("endpoint_keys_endpoint").on(t.endpointId),
    index("endpoint_keys_team").on(t.teamId),
    check("endpoint_keys_owner", sql`(${t.endpointId} is null) <> (${t.teamId} is null)`),
  ],
);

export const gateways = pgTable("gateways", {
  id: text("id").primaryKey(),
  replicaUrl: text("replica_url").notNull(),
  publicUrl: text("public_url").notNull(),
  lastSeenAt: instant("last_seen_at").notNull(),
});

/** Usage reports taken, so that a repeated one is not charged again; old ones go, but for the latest of each gateway. */
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

/** Calls of a key by day of UTC, for its quotas. */
export const endpointKeyUsage = pgTable(
  "endpoint_key_usage",
  {
    keyId: text("key_id")
      .notNull()
      .references(() => endpointKeys.id, { onDelete: "cascade" }),
    day: date("day", { mode: "string" }).notNull(),
    calls: whole("calls").notNull(),
  },
  (t) => [primaryKey({ columns: [t.keyId, t.day] })],
);
