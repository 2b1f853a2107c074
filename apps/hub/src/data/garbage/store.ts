import { inArray, type SQL, sql } from "drizzle-orm";
import type { Db, Tx } from "../../platform/database.ts";
import { blobChunks, blobOwners, blobs, treeOwners, treePages, trees } from "../schema.ts";
import { deleteEmptyLines, unnameBlobs } from "../trees/store.ts";

/** A query with one column, `tree_id`: the trees that a domain's rows name. */
export type NamedTrees = SQL;

const at = (time: Date): SQL => sql`${time.toISOString()}::timestamptz`;
const list = (names: readonly string[]): SQL => sql`string_to_array(${names.join(",")}, ',')`;
const column = async (db: Db | Tx, query: SQL): Promise<string[]> =>
  (await db.execute<{ name: string }>(query)).rows.map((row) => row.name);

/** The trees that datasets name. */
export const treesOfDatasets = (): NamedTrees => sql`select tree_id from dataset_versions`;

const isNamed = (named: readonly NamedTrees[]): SQL =>
  sql`exists (select from (${sql.join([...named], sql` union all `)}) as named where named.tree_id = trees.id)`;

/** Trees that nothing names and nobody has pushed since; at most `limit`. */
export function unnamedTrees(db: Db | Tx, named: readonly NamedTrees[], before: Date, limit: number) {
  return column(
    db,
    sql`select id as name from trees where touched_at < ${at(before)} and not ${isNamed(named)} limit ${limit}`,
  );
}

/**
 * Locks those of these trees that nobody uses now, and gives those that still are not named: who wants to name one
 * holds it first (`holdTree`), so what was named in between is seen here, and what will be waits.
 */
export async function lockUnnamedTrees(
  tx: Tx,
  ids: readonly string[],
  named: readonly NamedTrees[],
  before: Date,
): Promise<string[]> {
  const locked = await column(
    tx,
    sql`select id as name from trees where id = any(${list(ids)}) and touched_at < ${at(before)}
      for update skip locked`,
  );
  if (locked.length === 0) return [];
  return column(
    tx,
    sql`select id as name from trees where id = any(${list(locked)}) and not ${isNamed(named)}`,
  );
}

export async function deleteTrees(tx: Tx, ids: readonly string[]): Promise<void> {
  await unnameBlobs(tx, ids);
  await tx.delete(treePages).where(inArray(treePages.treeId, [...ids]));
  await tx.delete(treeOwners).where(inArray(treeOwners.treeId, [...ids]));
  const gone = await tx
    .delete(trees)
    .where(inArray(trees.id, [...ids]))
    .returning({ line: trees.line });
  await deleteEmptyLines(
    tx,
    gone.map((tree) => tree.line),
  );
}

const unnamed = sql`
  not exists (select from tree_blobs where tree_blobs.sha256 = blobs.sha256)
  and not exists (select from blob_chunks where blob_chunks.sha256 = blobs.sha256)`;

/**
 * Looks through the next `limit` blobs, files of chunks among them, for those that no tree or file names and that
 * nobody has sent or asked for since. What names blobs is read in the same span of names, from its index: so all
 * pages together read each index once. @returns also the last name looked at; null: there were none
 */
export async function unnamedBlobs(
  db: Db | Tx,
  page: { after: string; limit: number; before: Date },
): Promise<{ last: string | null; names: string[] }> {
  const { after, limit, before } = page;
  const [last = null] = await column(
    db,
    sql`select max(sha256) as name from (
      select sha256 from blobs where sha256 > ${after} order by sha256 limit ${limit}) as page`,
  );
  if (last === null) return { last, names: [] };
  const span = sql`sha256 > ${after} and sha256 <= ${last}`;
  const names = await column(
    db,
    sql`select sha256 as name from blobs
      where ${span} and doomed_at is null and touched_at < ${at(before)}
        and not exists (select from (select sha256 from tree_blobs where ${span}) as named where named.sha256 = blobs.sha256)
        and not exists (select from (select sha256 from blob_chunks where ${span}) as named where named.sha256 = blobs.sha256)`,
  );
  return { last, names };
}

export function doomedBlobs(db: Db | Tx, before: Date, limit: number): Promise<string[]> {
  return column(
    db,
    sql`select sha256 as name from blobs
      where doomed_at is not null and touched_at < ${at(before)} order by doomed_at limit ${limit}`,
  );
}

/** Locks those of these blobs that nobody uses now, and gives those that still are unnamed. `alone`: has an object of its own. */
export async function lockUnnamedBlobs(
  tx: Tx,
  hashes: readonly string[],
  before: Date,
): Promise<{ sha256: string; size: number; alone: boolean }[]> {
  const locked = await column(
    tx,
    sql`select sha256 as name from blobs where sha256 = any(${list(hashes)}) and touched_at < ${at(before)}
      for update skip locked`,
  );
  if (locked.length === 0) return [];
  const alone = sql<boolean>`pack_id is null and not exists (
    select from blob_chunks where blob_chunks.file = blobs.sha256)`;
  return tx
    .select({ sha256: blobs.sha256, size: blobs.size, alone })
    .from(blobs)
    .where(sql`sha256 = any(${list(locked)}) and ${unnamed}`);
}

export async function markDoomed(tx: Tx, hashes: readonly string[], now: Date): Promise<void> {
  await tx
    .update(blobs)
    .set({ doomedAt: now })
    .where(inArray(blobs.sha256, [...hashes]));
}

export async function deleteBlobs(tx: Tx, hashes: readonly string[]): Promise<void> {
  await tx.delete(blobChunks).where(inArray(blobChunks.file, [...hashes]));
  await tx.delete(blobOwners).where(inArray(blobOwners.sha256, [...hashes]));
  await tx.delete(blobs).where(inArray(blobs.sha256, [...hashes]));
}

/** Which of these objects no row names, and of which the row says that the blob lies in a pack. */
export async function unknownBlobs(
  db: Db | Tx,
  hashes: readonly string[],
): Promise<{ orphans: string[]; strays: string[] }> {
  const { rows } = await db.execute<{ name: string; isStray: boolean }>(sql`
    select name, sha256 is not null as "isStray" from unnest(${list(hashes)}) as stored (name)
    left join blobs on sha256 = name where sha256 is null or pack_id is not null`);
  const names = (isStray: boolean) => rows.filter((row) => row.isStray === isStray).map((row) => row.name);
  return { orphans: names(false), strays: names(true) };
}

/** Locks those of these blobs that nobody uses now and that lie in a pack. */
export function lockStrays(tx: Tx, hashes: readonly string[], before: Date): Promise<string[]> {
  return column(
    tx,
    sql`select sha256 as name from blobs
      where sha256 = any(${list(hashes)}) and pack_id is not null and touched_at < ${at(before)}
      for update skip locked`,
  );
}

/** Gives bytes that no row names a row of their own, doomed from the start. */
export async function insertDoomed(
  db: Db | Tx,
  orphans: readonly { sha256: string; size: number }[],
  now: Date,
): Promise<void> {
  if (orphans.length === 0) return;
  const rows = orphans.map((orphan) => ({ ...orphan, createdAt: now, touchedAt: now, doomedAt: now }));
  await db.insert(blobs).values(rows).onConflictDoNothing();
}
