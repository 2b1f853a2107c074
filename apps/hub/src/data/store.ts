import type { TreeEntry } from "@podium/shared";
import { and, eq, inArray, ne, or, type SQL, sql } from "drizzle-orm";
import type { Db, Tx } from "../platform/database.ts";
import { blobOwners, blobs, datasets, treeBlobs, treeOwners, trees } from "./schema.ts";

export type TreeRow = typeof trees.$inferSelect;

export async function recordBlob(
  tx: Db | Tx,
  blob: { sha256: string; size: number; teamId: string; now: Date },
): Promise<void> {
  await tx
    .insert(blobs)
    .values({ sha256: blob.sha256, size: blob.size, createdAt: blob.now })
    .onConflictDoNothing();
  await tx.insert(blobOwners).values({ teamId: blob.teamId, sha256: blob.sha256 }).onConflictDoNothing();
}

/** Which of these the team owns, with their sizes. */
export async function ownedBlobs(
  db: Db | Tx,
  teamId: string,
  hashes: readonly string[],
): Promise<Map<string, number>> {
  if (hashes.length === 0) return new Map();
  const rows = await db
    .select({ sha256: blobs.sha256, size: blobs.size })
    .from(blobOwners)
    .innerJoin(blobs, eq(blobs.sha256, blobOwners.sha256))
    .where(
      and(eq(blobOwners.teamId, teamId), sql`${blobOwners.sha256} = any(${sql.param([...hashes])}::text[])`),
    );
  return new Map(rows.map((row) => [row.sha256, row.size]));
}

export async function insertTree(
  tx: Tx,
  tree: { id: string; size: number; entries: TreeEntry[]; teamId: string; now: Date },
): Promise<void> {
  const { id, size, entries, teamId, now } = tree;
  const made = await tx
    .insert(trees)
    .values({ id, size, entries, createdAt: now })
    .onConflictDoNothing()
    .returning({ id: trees.id });
  if (made.length === 1) {
    const hashes = [...new Set(entries.map((entry) => entry.sha256))];
    await tx.execute(
      sql`insert into tree_blobs (tree_id, sha256) select ${id}, unnest(${sql.param(hashes)}::text[])`,
    );
  }
  await tx.insert(treeOwners).values({ teamId, treeId: id }).onConflictDoNothing();
}

/** True when one of the trees names the blob. */
export async function treesHoldBlob(
  db: Db | Tx,
  treeIds: readonly string[],
  sha256: string,
): Promise<boolean> {
  if (treeIds.length === 0) return false;
  const rows = await db
    .select({ id: treeBlobs.treeId })
    .from(treeBlobs)
    .where(and(inArray(treeBlobs.treeId, [...treeIds]), eq(treeBlobs.sha256, sha256)))
    .limit(1);
  return rows.length > 0;
}

export async function findTree(db: Db | Tx, id: string): Promise<TreeRow | null> {
  const [row] = await db.select().from(trees).where(eq(trees.id, id));
  return row ?? null;
}

/** For whom datasets are looked up. */
export interface Reader {
  /** null: all teams, for administrators and the system */
  teams: readonly string[] | null;
  /** null: whoever it is speaks for the teams as a whole */
  userId: string | null;
}

/** Public datasets, those of the reader's teams (private ones only if made by the reader), and those granted to them. */
export function readable({ teams: teamIds, userId }: Reader): SQL | undefined {
  if (teamIds === null) return undefined;
  const granted = sql`exists (select 1 from dataset_grants g where g.dataset_id = datasets.id and g.team_id = any(${sql.param([...teamIds])}::text[]))`;
  const shown = or(ne(datasets.visibility, "private"), userId ? eq(datasets.createdBy, userId) : sql`true`);
  const own = teamIds.length > 0 ? and(inArray(datasets.teamId, [...teamIds]), shown) : undefined;
  return or(eq(datasets.visibility, "public"), own, granted);
}

/** True when a team owns the tree or may read a dataset with a version that is this tree. */
export async function mayReadTree(
  db: Db | Tx,
  treeId: string,
  teamIds: readonly string[] | null,
): Promise<boolean> {
  if (teamIds === null) return true;
  const owned =
    teamIds.length > 0
      ? await db
          .select({ id: treeOwners.treeId })
          .from(treeOwners)
          .where(and(eq(treeOwners.treeId, treeId), inArray(treeOwners.teamId, [...teamIds])))
          .limit(1)
      : [];
  if (owned.length > 0) return true;
  const isVersion = sql`exists (select 1 from dataset_versions v where v.dataset_id = datasets.id and v.tree_id = ${treeId})`;
  const rows = await db
    .select({ id: datasets.id })
    .from(datasets)
    .where(and(isVersion, readable({ teams: teamIds, userId: null })))
    .limit(1);
  return rows.length > 0;
}
