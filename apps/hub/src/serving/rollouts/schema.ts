import type { ROLLOUT_STATES, Share } from "@podium/shared";
import { sql } from "drizzle-orm";
import {
  type AnyPgColumn,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { users } from "../../accounts/schema.ts";
import { instant, whole } from "../../platform/schema.ts";
import { bindings, endpoints } from "../schema.ts";
import type { Totals } from "../versions/totals.ts";

/** Totals by binding, as they stood at a moment. */
export type Snapshot = Record<string, Totals>;

/** A version that gets its traffic in steps, each judged by what the gateways counted. */
export const rollouts = pgTable(
  "rollouts",
  {
    id: text("id").primaryKey(),
    endpointId: text("endpoint_id")
      .notNull()
      .references(() => endpoints.id),
    bindingId: text("binding_id")
      .notNull()
      .references((): AnyPgColumn => bindings.id),
    state: text("state").$type<(typeof ROLLOUT_STATES)[number]>().notNull(),
    steps: jsonb("steps").$type<number[]>().notNull(),
    /** index of the step; −1 while it is compared as a shadow */
    step: integer("step").notNull(),
    stepSince: instant("step_since").notNull(),
    everyMs: whole("every_ms").notNull(),
    maxErrorRate: doublePrecision("max_error_rate").notNull(),
    maxP99Ratio: doublePrecision("max_p99_ratio"),
    minCalls: integer("min_calls").notNull(),
    shadowCalls: integer("shadow_calls").notNull(),
    minAgreement: doublePrecision("min_agreement").notNull(),
    before: jsonb("before").$type<Share[]>().notNull(),
    /** totals when it began, and when the present step did: what came since is judged */
    atStart: jsonb("at_start").$type<Snapshot>().notNull(),
    atStep: jsonb("at_step").$type<Snapshot>().notNull(),
    waitsFor: text("waits_for"),
    log: jsonb("log").$type<{ at: string; text: string }[]>().notNull(),
    createdBy: text("created_by").references(() => users.id),
    createdAt: instant("created_at").notNull(),
    endedAt: instant("ended_at"),
  },
  (t) => [
    uniqueIndex("rollouts_live").on(t.endpointId).where(sql`${t.state} in ('running', 'paused')`),
    index("rollouts_endpoint").on(t.endpointId, t.id),
  ],
);
