import { parseManifest, type TreeEntry } from "@podium/shared";
import { and, eq, gt, inArray, isNull, lte, or, type SQL, sql } from "drizzle-orm";
import { intersect } from "drizzle-orm/pg-core";
import type { Db, Tx } from "../../platform/database.ts";
import { blobs, treeBlobs, treeLines, treeOwners, treePages, trees } from "../schema.ts";

export type TreeRow = typeof trees.$inferSelect;

/** A tree as it is to be stored; its manifest in pages of whole lines. */
export interface NewTree {
  id: string;
  size: number;
  files: number;
  pages: readonly string[];
  /** The blobs that it names; or how it differs from a tree that is held (`holdOwnTree`). */
  blobs:
    | readonly string[]
    | { base: Pick<TreeRow, "line" | "place">; added: readonly string[]; dropped: readonly string[] };
  teamId: string;
  now: Date;
}

/** Names have no comma in them, and one long text is sent much faster than an array of many. */
const list = (names: readonly string[]): SQL => sql`unnest(string_to_array(${names.join(",")}, ','))`;
/** Of the pages that are written, or read, at once. */
const PAGES_AT_ONCE = 4;

/**
 * The same tree pushed again is touched, and belongs to this team too. Rows of `trees` are locked before those of
 * `tree_lines`, here and where trees are removed.
 */
export async function insertTree(tx: Tx, tree: NewTree): Promise<void> {
  const { id, teamId, now } = tree;
  if (!(await touchTree(tx, id, now)) && !(await insertNewTree(tx, tree))) await touchTree(tx, id, now);
  await tx.insert(treeOwners).values({ teamId, treeId: id }).onConflictDoNothing();
}

async function touchTree(tx: Tx, id: string, now: Date): Promise<boolean> {
  const rows = await tx
    .update(trees)
    .set({ touchedAt: now })
    .where(eq(trees.id, id))
    .returning({ id: trees.id });
  return rows.length > 0;
}

/** False when another sender of the same tree was faster. */
async function insertNewTree(tx: Tx, tree: NewTree): Promise<boolean> {
  const { id, size, files, blobs, now } = tree;
  const spot = ("base" in blobs ? await followLine(tx, blobs.base) : null) ?? (await newLine(tx));
  const rows = await tx
    .insert(trees)
    .values({ id, size, files, ...spot, createdAt: now, touchedAt: now })
    .onConflictDoNothing()
    .returning({ id: trees.id });
  if (rows.length === 0) {
    await tx.execute(
      sql`delete from tree_lines where id = ${spot.line} and not exists (select from trees where line = ${spot.line})`,
    );
    return false;
  }
  await nameBlobs(tx, spot, blobs);
  for (let at = 0; at < tree.pages.length; at += PAGES_AT_ONCE) {
    const pages = tree.pages.slice(at, at + PAGES_AT_ONCE);
    await tx
      .insert(treePages)
      .values(pages.map((manifest, index) => ({ treeId: id, page: at + index, manifest })));
  }
  return true;
}

interface Spot {
  line: number;
  place: number;
}

async function newLine(tx: Tx): Promise<Spot> {
  const [row] = await tx.insert(treeLines).values({}).returning({ line: treeLines.id });
  if (!row) throw new Error("no line was made");
  return { ...row, place: 0 };
}

/** The place behind the base; null when another tree has it. Who asks at the same time waits, and gets null. */
async function followLine(tx: Tx, base: Spot): Promise<Spot | null> {
  const [row] = await tx
    .update(treeLines)
    .set({ last: sql`${treeLines.last} + 1` })
    .where(and(eq(treeLines.id, base.line), eq(treeLines.last, base.place)))
    .returning({ line: treeLines.id, place: treeLines.last });
  return row ?? null;
}

/** In the order of their names: into an index that is much faster than as they come. */
async function nameBlobs(tx: Tx, { line, place }: Spot, blobs: NewTree["blobs"]): Promise<void> {
  if (!("base" in blobs)) {
    await tx.execute(
      sql`insert into tree_blobs (line, sha256) select distinct ${line}::bigint, sha256 from ${list(blobs)} as named (sha256) order by sha256`,
    );
    return;
  }
  const { base, added, dropped } = blobs;
  const dropping = sql`sha256 in (select ${list(dropped)})`;
  if (line === base.line)
    await tx.execute(
      sql`update tree_blobs set until = ${place} where line = ${line} and until is null and ${dropping}`,
    );
  else
    await tx.execute(sql`
      insert into tree_blobs (line, sha256) select ${line}::bigint, sha256 from tree_blobs
      where ${ofPlace(base)} and not ${dropping} order by sha256`);
  await tx.execute(sql`
    insert into tree_blobs (line, sha256, since)
    select distinct ${line}::bigint, sha256, ${place}::integer from ${list(added)} as named (sha256)
    where not exists (
      select from tree_blobs held where held.line = ${line} and held.sha256 = named.sha256 and held.until is null)
    order by sha256`);
}

/** Rows of `tree_blobs` that say what a tree names. */
const ofPlace = ({ line, place }: Spot): SQL =>
  sql`line = ${line} and since <= ${place} and (until is null or until > ${place})`;

/** A tree that the team has pushed, by itself or not; it is not collected before the transaction has ended. */
export async function holdOwnTree(tx: Tx, id: string, teamId: string): Promise<TreeRow | null> {
  const [row] = await tx.select().from(trees).where(eq(trees.id, id)).for("key share");
  if (!row) return null;
  const own = await tx
    .select({ id: treeOwners.treeId })
    .from(treeOwners)
    .where(and(eq(treeOwners.treeId, id), eq(treeOwners.teamId, teamId)));
  return own.length > 0 ? row : null;
}

/**
 * Takes away what says which blobs these trees name, where no other tree of their lines names them. The trees are
 * locked, their rows still there.
 */
export async function unnameBlobs(tx: Tx, ids: readonly string[]): Promise<void> {
  const gone = sql`select ${list(ids)}`;
  const lines = sql`select line from trees where id in (${gone})`;
  await tx.execute(sql`select from tree_lines where id in (${lines}) order by id for update`);
  await tx.execute(sql`
    delete from tree_blobs named where line in (${lines}) and not exists (
      select from trees where trees.line = named.line and trees.place >= named.since
        and (named.until is null or trees.place < named.until) and trees.id not in (${gone}))`);
}

/** Takes away those of the lines that have no tree any more. */
export async function deleteEmptyLines(tx: Tx, lines: readonly number[]): Promise<void> {
  await tx
    .delete(treeLines)
    .where(
      and(inArray(treeLines.id, [...lines]), sql`not exists (select from trees where line = tree_lines.id)`),
    );
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
    const rows = await db
      .select({ page: treePages.page, manifest: treePages.manifest })
      .from(treePages)
      .where(and(eq(treePages.treeId, treeId), gt(treePages.page, last)))
      .orderBy(treePages.page)
      .limit(PAGES_AT_ONCE);
    for (const row of rows) yield row.manifest;
    if (rows.length < PAGES_AT_ONCE) return;
    last = rows.at(-1)?.page ?? last;
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

/** Joins trees with what says which blobs they name. */
const isOfTree = and(
  eq(treeBlobs.line, trees.line),
  lte(treeBlobs.since, trees.place),
  or(isNull(treeBlobs.until), gt(treeBlobs.until, trees.place)),
);

/** Which of these the trees name, with their sizes. */
export async function blobsOfTrees(
  db: Db | Tx,
  treeIds: readonly string[],
  hashes: readonly string[],
): Promise<Map<string, number>> {
  if (treeIds.length === 0) return new Map();
  const rows = await db
    .select({ sha256: blobs.sha256, size: blobs.size })
    .from(trees)
    .innerJoin(treeBlobs, isOfTree)
    .innerJoin(blobs, eq(blobs.sha256, treeBlobs.sha256))
    .where(
      and(
        inArray(trees.id, [...treeIds]),
        sql`${treeBlobs.sha256} = any(${sql.param([...hashes])}::text[])`,
        isNull(blobs.doomedAt),
      ),
    );
  return new Map(rows.map((row) => [row.sha256, row.size]));
}

/** More files than these that two trees share are not looked at. */
const SHARED_AT_MOST = 10_000;

/**
 * Path of a file that both trees hold, as the second calls it; null when they have none in common. Empty files, which
 * say nothing, don't count, and no others that `counts` leaves out.
 */
export async function sharedFile(
  db: Db | Tx,
  one: string,
  other: string,
  counts: (path: string) => boolean = () => true,
): Promise<string | null> {
  const named = (treeId: string) =>
    db
      .select({ sha256: treeBlobs.sha256 })
      .from(trees)
      .innerJoin(treeBlobs, isOfTree)
      .where(eq(trees.id, treeId));
  const rows = await intersect(named(other), named(one)).limit(SHARED_AT_MOST);
  if (rows.length === 0) return null;
  const shared = new Set(rows.map(({ sha256 }) => sha256));
  for await (const { path, sha256, size } of treeEntries(db, other))
    if (size > 0 && shared.has(sha256) && counts(path)) return path;
  return null;
}
