import { parseManifest, type TreeEntry } from "@podium/shared";
import { and, eq, gt, inArray, isNull, sql } from "drizzle-orm";
import type { Db, Tx } from "../../platform/database.ts";
import { blobs, treeBlobs, treeOwners, treePages, trees } from "../schema.ts";

export type TreeRow = typeof trees.$inferSelect;

/** A tree as it is stored; its manifest in pages of whole lines. */
export interface NewTree {
  id: string;
  size: number;
  pages: readonly string[];
  entries: readonly { sha256: string }[];
  teamId: string;
  now: Date;
}

/** The same tree pushed again is touched, and belongs to this team too. */
export async function insertTree(tx: Tx, tree: NewTree): Promise<void> {
  const { id, size, entries, teamId, now } = tree;
  const [row] = await tx
    .insert(trees)
    .values({ id, size, files: entries.length, createdAt: now, touchedAt: now })
    .onConflictDoUpdate({ target: trees.id, set: { touchedAt: now } })
    .returning({ isNew: sql<boolean>`xmax = 0` });
  if (row?.isNew) {
    const names = entries.map((entry) => entry.sha256).join(",");
    await tx.execute(sql`
      insert into tree_blobs (tree_id, sha256)
      select distinct ${id}, unnest(string_to_array(${names}, ','))`);
    for (const [page, manifest] of tree.pages.entries())
      await tx.insert(treePages).values({ treeId: id, page, manifest });
  }
  await tx.insert(treeOwners).values({ teamId, treeId: id }).onConflictDoNothing();
}

export async function findTree(db: Db | Tx, id: string): Promise<TreeRow | null> {
  const [row] = await db.select().from(trees).where(eq(trees.id, id));
  return row ?? null;
}

/** The files of a tree in the order of their paths; a page of them is in memory. */
export async function* treeEntries(db: Db | Tx, treeId: string): AsyncGenerator<TreeEntry> {
  for await (const manifest of manifestPages(db, treeId)) yield* parseManifest(manifest);
}

/** The canonical manifest, some whole lines at a time. */
export async function* manifestPages(db: Db | Tx, treeId: string): AsyncGenerator<string> {
  for (let last = -1; ; ) {
    const [row] = await db
      .select({ page: treePages.page, manifest: treePages.manifest })
      .from(treePages)
      .where(and(eq(treePages.treeId, treeId), gt(treePages.page, last)))
      .orderBy(treePages.page)
      .limit(1);
    if (!row) return;
    yield row.manifest;
    last = row.page;
  }
}

/** True when one of the trees names the blob. */
export async function treesHoldBlob(
  db: Db | Tx,
  treeIds: readonly string[],
  sha256: string,
): Promise<boolean> {
  return (await blobsOfTrees(db, treeIds, [sha256])).size > 0;
}

/** Which of these the trees name, with their sizes. */
export async function blobsOfTrees(
  db: Db | Tx,
  treeIds: readonly string[],
  hashes: readonly string[],
): Promise<Map<string, number>> {
  if (treeIds.length === 0) return new Map();
  const rows = await db
    .select({ sha256: blobs.sha256, size: blobs.size })
    .from(treeBlobs)
    .innerJoin(blobs, eq(blobs.sha256, treeBlobs.sha256))
    .where(
      and(
        inArray(treeBlobs.treeId, [...treeIds]),
        sql`${treeBlobs.sha256} = any(${sql.param([...hashes])}::text[])`,
        isNull(blobs.doomedAt),
      ),
    );
  return new Map(rows.map((row) => [row.sha256, row.size]));
}

/** Path of a file that both trees hold, as the second calls it; null when they have none in common. */
export async function sharedFile(db: Db | Tx, one: string, other: string): Promise<string | null> {
  const [row] = await db
    .select({ sha256: treeBlobs.sha256 })
    .from(treeBlobs)
    .where(
      and(
        eq(treeBlobs.treeId, other),
        sql`exists (select 1 from tree_blobs o where o.tree_id = ${one} and o.sha256 = ${treeBlobs.sha256})`,
      ),
    )
    .limit(1);
  if (!row) return null;
  for await (const entry of treeEntries(db, other)) if (entry.sha256 === row.sha256) return entry.path;
  return null;
}
