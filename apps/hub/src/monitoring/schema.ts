import type { AlertKind } from "@podium/shared";
import { sql } from "drizzle-orm";
import {
  doublePrecision,
  index,
  integer,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { nodes } from "../nodes/schema.ts";
import { instant, whole } from "../platform/schema.ts";
import { attempts, sessions } from "../sessions/schema.ts";
import { teams } from "../teams/schema.ts";

/**
 * A node's figures over `seconds` (10, 60 or 3,600) from `at` on. One row a node, its GPUs in arrays by their index:
 * 1,000 nodes of 8 GPUs write 100 rows, about 35 kB, a second (docs/guides/operator.md has what that takes on disk).
 */
export const nodeFigures = pgTable(
  "node_figures",
  {
    nodeId: text("node_id")
      .notNull()
      .references(() => nodes.id, { onDelete: "cascade" }),
    seconds: smallint("seconds").notNull(),
    at: instant("at").notNull(),
    /** how many samples of 10 s it is the mean of */
    samples: integer("samples").notNull(),
    cpu: real("cpu").notNull(),
    memoryBytes: whole("memory_bytes").notNull(),
    diskFreeBytes: whole("disk_free_bytes").notNull(),
    /** bytes a second */
    diskRead: real("disk_read"),
    diskWrite: real("disk_write"),
    networkReceive: real("network_receive"),
    networkSend: real("network_send"),
    /** busy share in thousandths; null where the driver does not say */
    gpuBusy: smallint("gpu_busy").array().$type<(number | null)[]>().notNull(),
    gpuMemoryMib: integer("gpu_memory_mib").array().$type<(number | null)[]>().notNull(),
    gpuCelsius: smallint("gpu_celsius").array().$type<(number | null)[]>().notNull(),
    gpuWatts: smallint("gpu_watts").array().$type<(number | null)[]>().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.nodeId, t.seconds, t.at] }),
    index("node_figures_time").on(t.seconds, t.at),
  ],
);

/** The cluster's figures over `seconds` from `at` on: means of what was counted every 10 s. */
export const clusterFigures = pgTable(
  "cluster_figures",
  {
    seconds: smallint("seconds").notNull(),
    at: instant("at").notNull(),
    samples: integer("samples").notNull(),
    nodes: real("nodes").notNull(),
    devices: real("devices").notNull(),
    held: real("held").notNull(),
    /** devices whose utilisation is known, and those of them above 80 % */
    measured: real("measured").notNull(),
    busy: real("busy").notNull(),
    running: real("running").notNull(),
    queued: real("queued").notNull(),
  },
  (t) => [primaryKey({ columns: [t.seconds, t.at] })],
);

/** Up to where figures of `seconds` have been worked out from finer ones. */
export const figureProgress = pgTable("figure_progress", {
  seconds: smallint("seconds").primaryKey(),
  until: instant("until").notNull(),
});

/** When an attempt was last seen to do anything, and what it had done by then. */
export const attemptActivity = pgTable("attempt_activity", {
  attemptId: text("attempt_id")
    .primaryKey()
    .references(() => attempts.id, { onDelete: "cascade" }),
  ackedSeq: integer("acked_seq").notNull(),
  cpuMs: doublePrecision("cpu_ms").notNull(),
  seenAt: instant("seen_at").notNull(),
  activeAt: instant("active_at").notNull(),
});

/** Something that is not as it should be, from when it was first seen; told once it has lasted, and when it is over. */
export const alerts = pgTable(
  "alerts",
  {
    id: text("id").primaryKey(),
    kind: text("kind").$type<AlertKind>().notNull(),
    subject: text("subject").notNull(),
    /** null: it is the administrators' */
    teamId: text("team_id").references(() => teams.id),
    nodeId: text("node_id").references(() => nodes.id, { onDelete: "cascade" }),
    sessionId: text("session_id").references(() => sessions.id, { onDelete: "cascade" }),
    text: text("text").notNull(),
    firstSeenAt: instant("first_seen_at").notNull(),
    raisedAt: instant("raised_at"),
    clearedAt: instant("cleared_at"),
  },
  (t) => [uniqueIndex("alerts_open").on(t.kind, t.subject).where(sql`${t.clearedAt} is null`)],
);
