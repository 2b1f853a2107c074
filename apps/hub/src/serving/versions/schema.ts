import type { LatencySketch, ShadowFigures } from "@podium/shared";
import { jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { instant, whole } from "../../platform/schema.ts";
import { bindings } from "../schema.ts";

/**
 * What one run of a gateway has counted of a version: totals that only grow. A gateway that starts again begins another
 * row, so nothing is lost or counted twice, however often and in what order its reports come.
 */
export const versionFigures = pgTable(
  "version_figures",
  {
    bindingId: text("binding_id")
      .notNull()
      .references(() => bindings.id),
    runId: text("run_id").notNull(),
    sequence: whole("sequence").notNull(),
    calls: whole("calls").notNull(),
    errors: whole("errors").notNull(),
    latency: jsonb("latency").$type<LatencySketch>().notNull(),
    shadow: jsonb("shadow").$type<ShadowFigures>(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.bindingId, t.runId] })],
);
