import { CHUNK_BYTES } from "@podium/shared";
import { and, eq, isNull, type SQL, sql } from "drizzle-orm";
import type { Db, Tx } from "../../platform/database.ts";
import { blobChunks, blobOwners, blobPacks, blobs } from "../schema.ts";
import { stale } from "./kept.ts";

/** Names have no comma in them, and one long text is sent much faster than an array of many. */
const list = (names: readonly string[]): SQL => sql`string_to_array(${names.join(",")}, ',')`;
const numbers = (values: readonly number[]): SQL => sql`string_to_array(${values.join(",")}, ',')::bigint[]`;
/** Texts, those that are empty as null. */
const optional = (values: readonly (string | number)[]): SQL =>
  sql`string_to_array(${values.join(",")}, ',', '')`;
const at = (time: Date): SQL => sql`${time.toISOString()}::timestamptz`;

/**
 * Says that these are in use: none of them loses its bytes for as long as unnamed files are kept. With `doomed`, those
 * that count as not there too, for who is about to write them; it waits where they are being removed. Rows are locked in the order of their names, here and below, so that two senders can't deadlock.
 */
export async function touchBlobs(
  db: Db | Tx,
  hashes: readonly string[],
  now: Date,
  doomed: "doomed" | "not doomed",
): Promise<void> {
  await db.execute(sql`
    with old as (
      select sha256 from blobs where sha256 = any(${list(hashes)}) and touched_at < ${at(stale(now))}
        and (doomed_at is null or ${doomed === "doomed"})
      order by sha256 for no key update
    )
    update blobs set touched_at = ${at(now)} from old where blobs.sha256 = old.sha256`);
}

/** Which of these are there; who asks has touched them, so that they stay. */
export async function presentBlobs(db: Db | Tx, hashes: readonly string[]): Promise<Set<string>> {
  if (hashes.length === 0) return new Set();
  const rows = await db
    .select({ sha256: blobs.sha256 })
    .from(blobs)
    .where(and(sql`${blobs.sha256} = any(${list(hashes)})`, isNull(blobs.doomedAt)));
  return new Set(rows.map((row) => row.sha256));
}

/** Keeps these until the transaction has ended. @returns how many of them are there */
export async function holdBlobs(tx: Tx, hashes: readonly string[]): Promise<number> {
  if (hashes.length === 0) return 0;
  const { rows } = await tx.execute<{ held: number }>(sql`
    with held as (
      select from blobs where sha256 = any(${list(hashes)}) and doomed_at is null order by sha256 for key share
    )
    select count(*)::int as held from held`);
  return rows[0]?.held ?? 0;
}

/** A blob that is durably stored: in a pack, or as an object of its own. */
export interface SentBlob {
  sha256: string;
  size: number;
  pack?: { id: string; offset: number };
}

/**
 * Names bytes that are durably stored, and who sent them. Each name once. Of a blob that somebody else has stored
 * meanwhile the first bytes count: the others are dead in their pack, or found by `adoptOrphans`.
 */
export async function recordBlobs(
  tx: Tx,
  input: { blobs: readonly SentBlob[]; teamId: string; now: Date },
): Promise<void> {
  if (input.blobs.length === 0) return;
  const names = input.blobs.map((blob) => blob.sha256);
  const sizes = numbers(input.blobs.map((blob) => blob.size));
  const packs = optional(input.blobs.map((blob) => blob.pack?.id ?? ""));
  const offsets = optional(input.blobs.map((blob) => blob.pack?.offset ?? ""));
  const now = at(input.now);
  await tx.execute(sql`
    insert into blobs (sha256, size, pack_id, pack_offset, created_at, touched_at)
    select sha256, size, pack_id, pack_offset, ${now}, ${now}
    from unnest(${list(names)}, ${sizes}, ${packs}, ${offsets}::int[])
      as sent (sha256, size, pack_id, pack_offset) order by sha256
    on conflict (sha256) do update set touched_at = excluded.touched_at, doomed_at = null,
      size = case when blobs.doomed_at is null then blobs.size else excluded.size end,
      pack_id = case when blobs.doomed_at is null then blobs.pack_id else excluded.pack_id end,
      pack_offset = case when blobs.doomed_at is null then blobs.pack_offset else excluded.pack_offset end
    where blobs.doomed_at is not null or blobs.touched_at < ${at(stale(input.now))}`);
  await insertOwners(tx, input.teamId, names);
}

/** The caller has made, or holds, the blobs' rows. */
export async function insertOwners(tx: Tx, teamId: string, hashes: readonly string[]): Promise<void> {
  if (hashes.length === 0) return;
  await tx.execute(sql`
    insert into blob_owners (sha256, team_id)
    select sha256, ${teamId} from unnest(${list(hashes)}) as sent (sha256) order by sha256
    on conflict do nothing`);
}

/** Names packs that are durably stored; one that was taken for an orphan meanwhile is one no more. */
export async function insertPacks(
  tx: Tx,
  packs: readonly { id: string; size: number }[],
  now: Date,
): Promise<void> {
  if (packs.length === 0) return;
  const rows = packs.map(({ id, size }) => ({ id, size, touchedAt: now }));
  const set = { size: sql`excluded.size`, touchedAt: now };
  await tx.insert(blobPacks).values(rows).onConflictDoUpdate({ target: blobPacks.id, set });
}

export async function insertChunks(tx: Tx, file: string, chunks: readonly string[]): Promise<void> {
  await tx.execute(sql`
    insert into blob_chunks (file, position, sha256)
    select ${file}, position - 1, sha256 from unnest(${list(chunks)}) with ordinality as chunk (sha256, position)
    on conflict do nothing`);
}

const owned = (teamId: string, hashes: readonly string[]) =>
  and(
    eq(blobOwners.teamId, teamId),
    sql`${blobOwners.sha256} = any(${list(hashes)})`,
    isNull(blobs.doomedAt),
  );
const sized = { sha256: blobs.sha256, size: blobs.size };

/** Which of these the team owns, with their sizes. */
export async function ownedBlobs(
  db: Db | Tx,
  teamId: string,
  hashes: readonly string[],
): Promise<Map<string, number>> {
  if (hashes.length === 0) return new Map();
  const rows = await db
    .select(sized)
    .from(blobOwners)
    .innerJoin(blobs, eq(blobs.sha256, blobOwners.sha256))
    .where(owned(teamId, hashes));
  return new Map(rows.map((row) => [row.sha256, row.size]));
}

/** A file that can't be named: its place among those asked for, and the size that it really has, if it is there. */
export interface Unfit {
  index: number;
  size: number | null;
}

/** Of so many unfit ones it is looked up what is wrong with them. */
const MAX_UNFIT = 20;

/**
 * Checks that the team owns all of these, and that they have these sizes; they stay until the transaction has ended.
 * `except` rather than a join: it sorts or hashes whatever the planner thinks of tables that have just been filled.
 * @returns some of those that don't fit, in their order
 */
export async function holdOwnedBlobs(
  tx: Tx,
  teamId: string,
  asked: readonly { sha256: string; size: number }[],
): Promise<Unfit[]> {
  const names = list(asked.map((blob) => blob.sha256));
  const { rows } = await tx.execute<{ name: string }>(sql`
    with held as (
      select blobs.sha256, blobs.size from blob_owners join blobs on blobs.sha256 = blob_owners.sha256
      where blob_owners.team_id = ${teamId} and blob_owners.sha256 = any(${names}) and blobs.doomed_at is null
      for key share of blobs
    )
    select sha256 as name from (
      select * from unnest(${names}, ${numbers(asked.map((blob) => blob.size))}) as asked (sha256, size)
      except select * from held
    ) as unfit limit ${MAX_UNFIT}`);
  if (rows.length === 0) return [];
  const found = new Set(rows.map((row) => row.name));
  const sizes = await ownedBlobs(tx, teamId, [...found]);
  const unfit = asked.flatMap(({ sha256, size }, index) => {
    const real = sizes.get(sha256) ?? null;
    return found.has(sha256) && real !== size ? [{ index, size: real }] : [];
  });
  return unfit.slice(0, MAX_UNFIT);
}

/** Where a blob's bytes lie: in a pack from `offset`, or in an object of their own. */
export interface StoredBlob {
  sha256: string;
  size: number;
  pack: { id: string; offset: number } | null;
}

const placed = { ...sized, packId: blobs.packId, packOffset: blobs.packOffset };
const blobOf = (row: {
  sha256: string;
  size: number;
  packId: string | null;
  packOffset: number | null;
}): StoredBlob => ({
  sha256: row.sha256,
  size: row.size,
  pack: row.packId === null ? null : { id: row.packId, offset: row.packOffset ?? 0 },
});

/** Where these lie now; those that are not there are left out. */
export async function findBlobs(db: Db | Tx, hashes: readonly string[]): Promise<StoredBlob[]> {
  if (hashes.length === 0) return [];
  const rows = await db
    .select(placed)
    .from(blobs)
    .where(and(sql`${blobs.sha256} = any(${list(hashes)})`, isNull(blobs.doomedAt)));
  return rows.map(blobOf);
}

/** A file as it is stored: its size, bytes, and the blobs that it is made of: itself, or its chunks in their order. */
export interface StoredFile {
  size: number;
  blobs: readonly StoredBlob[];
}

export async function findFile(db: Db | Tx, sha256: string): Promise<StoredFile | null> {
  const [file] = await findBlobs(db, [sha256]);
  if (!file) return null;
  if (file.size <= CHUNK_BYTES) return { size: file.size, blobs: [file] };
  const chunks = await db
    .select(placed)
    .from(blobChunks)
    .innerJoin(blobs, eq(blobs.sha256, blobChunks.sha256))
    .where(eq(blobChunks.file, sha256))
    .orderBy(blobChunks.position);
  return { size: file.size, blobs: chunks.map(blobOf) };
}
