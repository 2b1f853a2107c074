import { bigint, doublePrecision, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { instant, whole } from "../../platform/schema.ts";
import { endpoints } from "../schema.ts";

const counts = (name: string) => bigint(name, { mode: "number" }).array().notNull();

/**
 * What happened to one version of an endpoint in a minute or an hour (`seconds` 60 or 3,600) from `at` on. All of it adds
 * up: a gateway's minute is added to both, so that minutes that come late are in the hours, too.
 */
export const endpointFigures = pgTable(
  "endpoint_figures",
  {
    endpointId: text("endpoint_id")
      .notNull()
      .references(() => endpoints.id, { onDelete: "cascade" }),
    /** 0: requests that came to no version */
    version: integer("version").notNull(),
    seconds: integer("seconds").notNull(),
    at: instant("at").notNull(),
    calls: whole("calls").notNull(),
    /** by `ERROR_CLASSES`, `DURATION_BOUNDS_MS` and `BATCH_BOUNDS` of packages/shared */
    errors: counts("errors"),
    latency: counts("latency"),
    batches: counts("batches"),
    batched: whole("batched").notNull(),
    latencyMs: doublePrecision("latency_ms").notNull(),
    queueMs: doublePrecision("queue_ms").notNull(),
    batchMs: doublePrecision("batch_ms").notNull(),
    transportMs: doublePrecision("transport_ms").notNull(),
    computeMs: doublePrecision("compute_ms").notNull(),
    maxWaiting: integer("max_waiting").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.endpointId, t.seconds, t.at, t.version] }),
    index("endpoint_figures_time").on(t.seconds, t.at),
  ],
);

/** The last minute taken of each gateway: one that is not above it was taken before. */
export const gatewayFigures = pgTable("gateway_figures", {
  gatewayId: text("gateway_id").primaryKey(),
  sequence: whole("sequence").notNull(),
  receivedAt: instant("received_at").notNull(),
});
