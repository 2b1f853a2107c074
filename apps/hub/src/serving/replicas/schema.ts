import type { GatewayLoad } from "@podium/shared";
import { bigint, boolean, index, integer, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { instant, whole } from "../../platform/schema.ts";
import { sessions } from "../../sessions/schema.ts";
import { bindings } from "../schema.ts";

/** The live copies of a bound model, each a serve session of its own; those that have ended stay as its history. */
export const bindingReplicas = pgTable(
  "binding_replicas",
  {
    sessionId: text("session_id")
      .primaryKey()
      .references(() => sessions.id),
    bindingId: text("binding_id")
      .notNull()
      .references(() => bindings.id),
    state: text("state").$type<"starting" | "ready" | "draining" | "ended">().notNull(),
    /** Why it ended where nobody wanted it to. */
    failure: text("failure"),
    /** It ended because its team could not pay. */
    unpaid: boolean("unpaid").notNull().default(false),
    readyAt: instant("ready_at"),
    drainingAt: instant("draining_at"),
    /** The route table from which on gateways send it nothing more. */
    drainVersion: integer("drain_version"),
    createdAt: instant("created_at").notNull(),
    endedAt: instant("ended_at"),
  },
  (t) => [index("binding_replicas_binding").on(t.bindingId, t.createdAt)],
);

/** How many replicas a binding may have and wants, and what the autoscaler remembers between its turns. */
export const bindingScaling = pgTable("binding_scaling", {
  bindingId: text("binding_id")
    .primaryKey()
    .references(() => bindings.id),
  minReplicas: integer("min_replicas").notNull(),
  maxReplicas: integer("max_replicas").notNull(),
  /** Calls, waiting or being answered, that one replica is thought to carry. */
  targetLoad: integer("target_load").notNull(),
  scaleDownMs: whole("scale_down_ms").notNull(),
  idleMs: whole("idle_ms").notNull(),
  wanted: integer("wanted").notNull(),
  /** Since when fewer would do, and the most that would have been needed since then. */
  dipSince: instant("dip_since"),
  dipPeak: integer("dip_peak").notNull().default(0),
  /** When it last had a call. */
  busyAt: instant("busy_at"),
  /** Why it has fewer replicas than it wants. */
  trouble: text("trouble"),
  /** Failures before this are forgiven: somebody has set the replicas since. */
  forgivenAt: instant("forgiven_at"),
});

/** The latest word of each gateway on what waits and runs there. */
export const gatewayLoads = pgTable("gateway_loads", {
  gatewayId: text("gateway_id").primaryKey(),
  /** The route table that it serves by. */
  version: bigint("version", { mode: "number" }).notNull(),
  load: jsonb("load").$type<Pick<GatewayLoad, "bindings" | "replicas">>().notNull(),
  reportedAt: instant("reported_at").notNull(),
});
