import { CHUNK_BYTES } from "@podium/shared";
import { eq, type SQL, sql } from "drizzle-orm";
import type { Db, Tx } from "../../platform/database.ts";
import { blobChunks, blobPacks, blobs } from "../schema.ts";
import { stale } from "./kept.ts";

/** Names have no comma in them, and one long text is sent much faster than an array of many. */
const list = (names: readonly string[]): SQL => sql`string_to_array(${names.join(",")}, ',')`;
const numbers = (values: readonly number[]): SQL => sql`string_to_array(${values.join(",")}, ',')::bigint[]`;
/** Texts, those that are empty as null. */
const optional = (values: readonly (string | number)[]): SQL =>
  sql`string_to_array(${values.join(",")}, ',', '')`;
const at = (time: Date): SQL => sql`${time.toISOString()}::timestamptz`;

/**
 * `blobs`, for each of some names. A planner that knows nothing yet of a table that is being filled would read all of it
 * for a few names; `offset 0` makes it look up each in the index.
 */
const named = (names: readonly string[]): SQL =>
  sql`unnest(${list(names)}) as asked (name)
    cross join lateral (select * from blobs where blobs.sha256 = asked.name offset 0) as blobs`;
const isOwned = (teamId: string): SQL =>
  sql`(blobs.first_team_id = ${teamId} or exists (
    select from blob_owners where blob_owners.sha256 = blobs.sha256 and blob_owners.team_id = ${teamId}))`;

/** Rows are locked in the order of their names, here and below, so that two senders can't deadlock. */
async function touchBlobs(db: Db | Tx, hashes: readonly string[], now: Date): Promise<void> {
  await db.execute(sql`
    with old as (
      select sha256 from blobs where sha256 = any(${list(hashes)}) and touched_at < ${at(stale(now))}
      order by sha256 for no key update
    )
    update blobs set touched_at = ${at(now)} from old where blobs.sha256 = old.sha256`);
}

/**
 * Says that these are in use, and which of them are there: none of those loses its bytes for half as long as unnamed
 * files are kept. So does none that counts as not there, for who is about to write it; where one is being removed this
 * waits. What was used lately already is only read.
 */
export async function useBlobs(db: Db | Tx, hashes: readonly string[], now: Date): Promise<Set<string>> {
  if (hashes.length === 0) return new Set();
  const { rows } = await db.execute<{ sha256: string; isOld: boolean }>(sql`
    select sha256, doomed_at is not null or touched_at < ${at(stale(now))} as "isOld" from ${named(hashes)}`);
  const there = new Set(rows.filter((row) => !row.isOld).map((row) => row.sha256));
  const old = rows.filter((row) => row.isOld).map((row) => row.sha256);
  if (old.length === 0) return there;
  // In this order: what is there once it was touched stays.
  await touchBlobs(db, old, now);
  for (const { sha256 } of await findBlobs(db, old)) there.add(sha256);
  return there;
}

/** Which of these the team owns; they are in use from now on, as by `useBlobs`. */
export async function useOwnedBlobs(
  db: Db | Tx,
  teamId: string,
  hashes: readonly string[],
  now: Date,
): Promise<Set<string>> {
  const { rows } = await db.execute<{ sha256: string; isOld: boolean }>(sql`
    select sha256, touched_at < ${at(stale(now))} as "isOld" from ${named(hashes)}
    where doomed_at is null and ${isOwned(teamId)}`);
  const owned = new Set(rows.map((row) => row.sha256));
  const old = rows.filter((row) => row.isOld).map((row) => row.sha256);
  const kept = await useBlobs(db, old, now);
  for (const sha256 of old) if (!kept.has(sha256)) owned.delete(sha256);
  return owned;
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
interface SentBlob {
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
  const { rows } = await tx.execute<{ made: number }>(sql`
    with stored as (
      insert into blobs (sha256, size, pack_id, pack_offset, first_team_id, created_at, touched_at)
      select sha256, size, pack_id, pack_offset, ${input.teamId}, ${now}, ${now}
      from unnest(${list(names)}, ${sizes}, ${packs}, ${offsets}::int[])
        as sent (sha256, size, pack_id, pack_offset) order by sha256
      on conflict (sha256) do update set touched_at = excluded.touched_at, doomed_at = null,
        size = case when blobs.doomed_at is null then blobs.size else excluded.size end,
        pack_id = case when blobs.doomed_at is null then blobs.pack_id else excluded.pack_id end,
        pack_offset = case when blobs.doomed_at is null then blobs.pack_offset else excluded.pack_offset end
      where blobs.doomed_at is not null or blobs.touched_at < ${at(stale(input.now))}
      returning xmax = 0 as made
    )
    select count(*) filter (where made)::int as made from stored`);
  if (rows[0]?.made !== names.length) await insertOwners(tx, input.teamId, names);
}

/** Notes that the team, too, has sent these. The caller has made, or holds, the blobs' rows. */
export async function insertOwners(tx: Tx, teamId: string, hashes: readonly string[]): Promise<void> {
  if (hashes.length === 0) return;
  await tx.execute(sql`
    insert into blob_owners (sha256, team_id)
    select sha256, ${teamId} from ${named(hashes)} where first_team_id is distinct from ${teamId} order by sha256
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

/** Which of these the team owns, with their sizes. */
export async function ownedBlobs(
  db: Db | Tx,
  teamId: string,
  hashes: readonly string[],
): Promise<Map<string, number>> {
  if (hashes.length === 0) return new Map();
  const { rows } = await db.execute<{ sha256: string; size: string }>(sql`
    select sha256, size from ${named(hashes)} where doomed_at is null and ${isOwned(teamId)}`);
  return new Map(rows.map((row) => [row.sha256, Number(row.size)]));
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
      select blobs.sha256, blobs.size from blobs
      where blobs.sha256 = any(${names}) and blobs.doomed_at is null and ${isOwned(teamId)}
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

const placed = { sha256: blobs.sha256, size: blobs.size, packId: blobs.packId, packOffset: blobs.packOffset };
interface Placed {
  sha256: string;
  size: number;
  packId: string | null;
  packOffset: number | null;
}
const blobOf = (row: Placed): StoredBlob => ({
  sha256: row.sha256,
  size: row.size,
  pack: row.packId === null ? null : { id: row.packId, offset: row.packOffset ?? 0 },
});

/** Where these lie now; those that are not there are left out. */
export async function findBlobs(db: Db | Tx, hashes: readonly string[]): Promise<StoredBlob[]> {
  if (hashes.length === 0) return [];
  const { rows } = await db.execute<{ [key in keyof Placed]: Placed[key] }>(sql`
    select sha256, size, pack_id as "packId", pack_offset as "packOffset" from ${named(hashes)}
    where doomed_at is null`);
  return rows.map((row) => blobOf({ ...row, size: Number(row.size) }));
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
