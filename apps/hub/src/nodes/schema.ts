import type { NodeCapacity, NodeUsage } from "@podium/shared";
import { sql } from "drizzle-orm";
import {
  boolean,
  check,
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

export const nodes = pgTable("nodes", {
  id: text("id").primaryKey(),
  name: text("name").notNull().unique(),
  tokenSha256: text("token_sha256").notNull().unique(),
  state: text("state").$type<"ready" | "draining" | "lost">().notNull(),
  /** An administrator wants nothing new on it, also when it comes back after it was lost. */
  draining: boolean("draining").notNull().default(false),
  capacity: jsonb("capacity").$type<NodeCapacity>(),
  usage: jsonb("usage").$type<NodeUsage>(),
  /** when `usage` was heard, also of a node that is not counted as seen while it runs what it should not */
  usageAt: instant("usage_at"),
  /** attempts that it says it runs and should not, as of then */
  strayAttempts: text("stray_attempts").array().notNull().default([]),
  lastSeenAt: instant("last_seen_at"),
  /** Counts up whenever it is fenced or something is taken back from it: what it said before is no news any more. */
  fences: whole("fences").notNull().default(0),
  /** SHA-256 of what its caches held when it last said so: what has not changed is not written again. */
  cacheDigest: text("cache_digest"),
  createdAt: instant("created_at").notNull(),
});

export const devices = pgTable(
  "devices",
  {
    id: text("id").primaryKey(),
    nodeId: text("node_id")
      .notNull()
      .references(() => nodes.id),
    index: integer("index").notNull(),
    uuid: text("uuid").notNull(),
    model: text("model").notNull(),
    memoryBytes: whole("memory_bytes").notNull(),
    present: boolean("present").notNull(),
    /** Thousandths that live allocations hold, kept by a trigger on `allocations`; never written by hand. */
    heldMilli: integer("held_milli").notNull().default(0),
  },
  (t) => [
    uniqueIndex("devices_index").on(t.nodeId, t.index),
    check("devices_held_once", sql`${t.heldMilli} between 0 and 1000`),
  ],
);

/** What each node's cache held when it last said so; the scheduler prefers nodes that hold the data. */
export const cachedTrees = pgTable(
  "cached_trees",
  {
    nodeId: text("node_id")
      .notNull()
      .references(() => nodes.id),
    treeId: text("tree_id").notNull(),
  },
  (t) => [primaryKey({ columns: [t.nodeId, t.treeId] }), index("cached_trees_tree").on(t.treeId)],
);

/** Environments that are built on each node, with the seconds that it took there. */
export const cachedEnvironments = pgTable(
  "cached_environments",
  {
    nodeId: text("node_id")
      .notNull()
      .references(() => nodes.id),
    key: text("key").notNull(),
    buildSeconds: doublePrecision("build_seconds").notNull(),
  },
  (t) => [primaryKey({ columns: [t.nodeId, t.key] }), index("cached_environments_key").on(t.key)],
);

/** Container images that each node has. */
export const cachedImages = pgTable(
  "cached_images",
  {
    nodeId: text("node_id")
      .notNull()
      .references(() => nodes.id),
    reference: text("reference").notNull(),
    sizeBytes: whole("size_bytes").notNull(),
  },
  (t) => [primaryKey({ columns: [t.nodeId, t.reference] }), index("cached_images_reference").on(t.reference)],
);

export const joinTokens = pgTable("join_tokens", {
  id: text("id").primaryKey(),
  sha256: text("sha256").notNull().unique(),
  createdBy: text("created_by"),
  expiresAt: instant("expires_at").notNull(),
  createdAt: instant("created_at").notNull(),
});
