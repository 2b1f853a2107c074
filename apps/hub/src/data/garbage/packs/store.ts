import { PACK_HEADER_BYTES } from "@podium/shared";
import { and, eq, inArray, isNull, lt, sql } from "drizzle-orm";
import type { Db, Tx } from "../../../platform/database.ts";
import type { BlobInPack } from "../../blobs/pack-contents.ts";
import { blobPacks, blobs } from "../../schema.ts";

const list = (names: readonly string[]) => sql`string_to_array(${names.join(",")}, ',')`;

export interface PackRow {
  id: string;
  size: number;
}

/**
 * Packs that no blob names, and that were not touched since. One look is enough, without a lock: blobs are placed in a
 * pack by the transaction that makes its row (or by its sender within a quarter of a day from then), never later.
 */
export function deadPacks(db: Db | Tx, before: Date): Promise<PackRow[]> {
  return db
    .select({ id: blobPacks.id, size: blobPacks.size })
    .from(blobPacks)
    .where(
      and(
        lt(blobPacks.touchedAt, before),
        sql`not exists (select from blobs where blobs.pack_id = blob_packs.id)`,
      ),
    );
}

/** Packs not touched since, less than half of which lives; with the bytes that do, their heads included. */
export async function sparsePacks(db: Db | Tx, before: Date): Promise<(PackRow & { alive: number })[]> {
  const alive = sql<number>`sum(${blobs.size} + ${PACK_HEADER_BYTES})`.mapWith(Number);
  return db
    .select({ id: blobPacks.id, size: blobPacks.size, alive })
    .from(blobPacks)
    .innerJoin(blobs, eq(blobs.packId, blobPacks.id))
    .where(and(lt(blobPacks.touchedAt, before), isNull(blobs.doomedAt)))
    .groupBy(blobPacks.id)
    .having(sql`2 * ${alive} < ${blobPacks.size}`)
    .orderBy(blobPacks.id);
}

/** Which of these blobs live in this pack, where they are said to lie. */
export async function livingIn(
  db: Db | Tx,
  packId: string,
  contents: readonly BlobInPack[],
): Promise<BlobInPack[]> {
  const rows = await db
    .select({ sha256: blobs.sha256, offset: blobs.packOffset })
    .from(blobs)
    .where(
      and(
        sql`${blobs.sha256} = any(${list(contents.map((blob) => blob.sha256))})`,
        eq(blobs.packId, packId),
        isNull(blobs.doomedAt),
      ),
    );
  const offsets = new Map(rows.map((row) => [row.sha256, row.offset]));
  return contents.filter(({ sha256, offset }) => offsets.get(sha256) === offset);
}

/** Blobs of one pack, and where they lie in another. */
export interface Move {
  from: string;
  blobs: readonly BlobInPack[];
}

/**
 * Names a new pack, and places blobs of others in it: those that still live there. Rows are locked in the order of
 * their names, as senders do.
 */
export async function moveBlobs(tx: Tx, pack: PackRow, moves: readonly Move[], now: Date): Promise<void> {
  await tx.insert(blobPacks).values({ ...pack, touchedAt: now });
  const moved = moves.flatMap(({ from, blobs: placed }) =>
    placed.map(({ sha256, offset }) => ({ sha256, from, offset })),
  );
  await tx.execute(sql`
    with sent as (
      select * from unnest(${list(moved.map((blob) => blob.sha256))}, ${list(moved.map((blob) => blob.from))},
        string_to_array(${moved.map((blob) => blob.offset).join(",")}, ',')::int[]) as sent (sha256, pack_id, pack_offset)
    ), held as (
      select blobs.sha256, sent.pack_offset from blobs join sent using (sha256, pack_id)
      where doomed_at is null order by sha256 for no key update of blobs
    )
    update blobs set pack_id = ${pack.id}, pack_offset = held.pack_offset from held where blobs.sha256 = held.sha256`);
  await touchPacks(
    tx,
    moves.map((move) => move.from),
    now,
  );
}

async function touchPacks(tx: Tx, ids: readonly string[], now: Date): Promise<void> {
  await tx
    .update(blobPacks)
    .set({ touchedAt: now })
    .where(inArray(blobPacks.id, [...ids]));
}

/** Locks a pack that nobody has touched since; false when somebody has, or does so now. */
export async function lockPack(tx: Tx, id: string, before: Date): Promise<boolean> {
  const rows = await tx
    .select({ id: blobPacks.id })
    .from(blobPacks)
    .where(and(eq(blobPacks.id, id), lt(blobPacks.touchedAt, before)))
    .for("update", { skipLocked: true });
  return rows.length > 0;
}

export async function deletePack(tx: Tx, id: string): Promise<void> {
  await tx.delete(blobPacks).where(eq(blobPacks.id, id));
}

/** Which of these no row names. */
export async function unknownPacks(db: Db | Tx, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const { rows } = await db.execute<{ id: string }>(sql`
    select stored.id from unnest(${list(ids)}) as stored (id)
    where not exists (select from blob_packs where blob_packs.id = stored.id)`);
  return rows.map((row) => row.id);
}

/** Gives packs that no row names a row: as no blob names it, it goes a day from now. */
export async function insertFoundPacks(db: Db | Tx, packs: readonly PackRow[], now: Date): Promise<void> {
  if (packs.length === 0) return;
  await db
    .insert(blobPacks)
    .values(packs.map((pack) => ({ ...pack, touchedAt: now })))
    .onConflictDoNothing();
}
