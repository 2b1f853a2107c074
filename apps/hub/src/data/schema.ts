import { sql } from "drizzle-orm";
import { index, integer, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import { instant, whole } from "../platform/schema.ts";
import { teams } from "../teams/schema.ts";

/**
 * A row is the truth that a file's bytes are there, all of them: they are durable before it is written, and it is
 * marked as doomed before they are taken away (`garbage/collect-blobs.ts`).
 */
export const blobs = pgTable(
  "blobs",
  {
    sha256: text("sha256").primaryKey(),
    size: whole("size").notNull(),
    createdAt: instant("created_at").notNull(),
    /** When it was last sent or asked for, to within half the time that unnamed files are kept. */
    touchedAt: instant("touched_at").notNull().default(sql`now()`),
    /** Set: counts as not there, and its bytes may be gone. */
    doomedAt: instant("doomed_at"),
    /**
     * The pack in which its bytes lie; null: they are an object of their own. No foreign key: only who makes a pack
     * names it, in one transaction, and a pack that no blob names is never named again (`garbage/collect-packs.ts`).
     */
    packId: text("pack_id"),
    /** Where in the pack its bytes begin. */
    packOffset: integer("pack_offset"),
    /** The team that sent it first; other owners, and all of those from before there was this, are in `blob_owners`. */
    firstTeamId: text("first_team_id"),
  },
  (t) => [index("blobs_doomed").on(t.doomedAt).where(sql`${t.doomedAt} is not null`)],
);

/** Objects of the store that hold small blobs, each after its head, as a pack travels (`pack.ts` of shared). */
export const blobPacks = pgTable("blob_packs", {
  id: text("id").primaryKey(),
  /** bytes, heads and dead blobs included */
  size: whole("size").notNull(),
  /** When it was stored, found without a row, or emptied because it was rewritten: it stays a day from then at least. */
  touchedAt: instant("touched_at").notNull(),
});

/** The chunks of a file of more than one, each an ordinary blob. A file with rows here has no bytes of its own. */
export const blobChunks = pgTable(
  "blob_chunks",
  {
    file: text("file")
      .notNull()
      .references(() => blobs.sha256),
    position: integer("position").notNull(),
    sha256: text("sha256")
      .notNull()
      .references(() => blobs.sha256),
  },
  (t) => [primaryKey({ columns: [t.file, t.position] }), index("blob_chunks_chunk").on(t.sha256)],
);

/**
 * A team owns what it has sent: knowing a hash gives nobody the bytes. Without foreign keys, which look up two rows for
 * each of a hundred thousand files: `recordSent` makes or holds the blobs' rows, and a team is never removed.
 */
export const blobOwners = pgTable(
  "blob_owners",
  { teamId: text("team_id").notNull(), sha256: text("sha256").notNull() },
  (t) => [primaryKey({ columns: [t.sha256, t.teamId] })],
);

/**
 * Trees that were made from one another, each from the one before: they share rows of `tree_blobs`, so a tree costs
 * rows for what is different in it. A tree that was sent whole begins a line.
 */
export const treeLines = pgTable("tree_lines", {
  id: whole("id").primaryKey().generatedAlwaysAsIdentity(),
  /** Place of the newest tree that there ever was; only that one can be followed. */
  last: integer("last").notNull().default(0),
});

export const trees = pgTable(
  "trees",
  {
    id: text("id").primaryKey(),
    size: whole("size").notNull(),
    /** how many files it names */
    files: integer("files").notNull().default(0),
    line: whole("line")
      .notNull()
      .references(() => treeLines.id),
    /** its number in the line, from 0 on */
    place: integer("place").notNull(),
    createdAt: instant("created_at").notNull(),
    /** When it was last pushed. */
    touchedAt: instant("touched_at").notNull().default(sql`now()`),
  },
  (t) => [uniqueIndex("trees_line").on(t.line, t.place)],
);

/** A tree's canonical manifest, cut after whole lines, so that no tree has to be held in memory to be answered. */
export const treePages = pgTable(
  "tree_pages",
  {
    treeId: text("tree_id")
      .notNull()
      .references(() => trees.id),
    page: integer("page").notNull(),
    manifest: text("manifest").notNull(),
  },
  (t) => [primaryKey({ columns: [t.treeId, t.page] })],
);

/**
 * Which blobs a tree names: those of its line with `since` ≤ place < `until`. It answers "may this be read through that
 * tree" and "does anything need this" without a manifest. No foreign keys, which would be half of the time that a push
 * takes: blobs are locked until the rows that name them are there (`holdOwnedBlobs`).
 */
export const treeBlobs = pgTable(
  "tree_blobs",
  {
    line: whole("line").notNull(),
    sha256: text("sha256").notNull(),
    since: integer("since").notNull().default(0),
    /** null: the newest tree of the line names it */
    until: integer("until"),
  },
  (t) => [primaryKey({ columns: [t.line, t.sha256, t.since] }), index("tree_blobs_blob").on(t.sha256)],
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
  (t) => [primaryKey({ columns: [t.treeId, t.teamId] })],
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
