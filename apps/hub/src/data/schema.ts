import type { TreeEntry } from "@podium/shared";
import { sql } from "drizzle-orm";
import { index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import { instant, whole } from "../platform/schema.ts";
import { teams } from "../teams/schema.ts";

export const blobs = pgTable("blobs", {
  sha256: text("sha256").primaryKey(),
  size: whole("size").notNull(),
  createdAt: instant("created_at").notNull(),
});

/** A team owns what it has sent: knowing a hash gives nobody the bytes. */
export const blobOwners = pgTable(
  "blob_owners",
  {
    teamId: text("team_id")
      .notNull()
      .references(() => teams.id),
    sha256: text("sha256")
      .notNull()
      .references(() => blobs.sha256),
  },
  (t) => [primaryKey({ columns: [t.teamId, t.sha256] })],
);

export const trees = pgTable("trees", {
  id: text("id").primaryKey(),
  size: whole("size").notNull(),
  entries: jsonb("entries").$type<TreeEntry[]>().notNull(),
  createdAt: instant("created_at").notNull(),
});

/** Which blobs a tree names: to answer "may this be read through that tree" without reading its manifest. */
export const treeBlobs = pgTable(
  "tree_blobs",
  {
    treeId: text("tree_id")
      .notNull()
      .references(() => trees.id),
    sha256: text("sha256")
      .notNull()
      .references(() => blobs.sha256),
  },
  (t) => [primaryKey({ columns: [t.treeId, t.sha256] }), index("tree_blobs_blob").on(t.sha256)],
);

export const treeOwners = pgTable(
  "tree_owners",
  {
    teamId: text("team_id")
      .notNull()
      .references(() => teams.id),
    treeId: text("tree_id")
      .notNull()
      .references(() => trees.id),
  },
  (t) => [primaryKey({ columns: [t.teamId, t.treeId] })],
);

export const datasets = pgTable(
  "datasets",
  {
    id: text("id").primaryKey(),
    teamId: text("team_id")
      .notNull()
      .references(() => teams.id),
    name: text("name").notNull(),
    description: text("description").notNull(),
    visibility: text("visibility").$type<"public" | "team" | "private">().notNull(),
    tags: text("tags").array().notNull().default(sql`'{}'`),
    createdBy: text("created_by"),
    /** Number of the newest version that there ever was: one that was removed gives its number to no other. */
    lastVersion: integer("last_version").notNull().default(0),
    /** When a session last mounted it or somebody pulled it; a minute's accesses are written once. */
    lastAccessAt: instant("last_access_at"),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [uniqueIndex("datasets_name").on(t.teamId, t.name)],
);

export const datasetVersions = pgTable(
  "dataset_versions",
  {
    id: text("id").primaryKey(),
    datasetId: text("dataset_id")
      .notNull()
      .references(() => datasets.id),
    number: integer("number").notNull(),
    treeId: text("tree_id")
      .notNull()
      .references(() => trees.id),
    files: integer("files").notNull().default(0),
    note: text("note").notNull().default(""),
    createdBy: text("created_by"),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [
    uniqueIndex("dataset_versions_number").on(t.datasetId, t.number),
    index("dataset_versions_tree").on(t.treeId),
  ],
);

/** Reading rights of teams that a dataset does not belong to: how a round's data reaches its entrants. */
export const datasetGrants = pgTable(
  "dataset_grants",
  {
    datasetId: text("dataset_id")
      .notNull()
      .references(() => datasets.id),
    teamId: text("team_id")
      .notNull()
      .references(() => teams.id),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.datasetId, t.teamId] })],
);
