import { CHUNK_BYTES } from "@podium/shared";
import { and, eq, isNull, type SQL, sql } from "drizzle-orm";
import type { Db, Tx } from "../../platform/database.ts";
import { blobChunks, blobOwners, blobs } from "../schema.ts";
import { stale } from "./kept.ts";

/** Names have no comma in them, and one long text is sent much faster than an array of many. */
const list = (names: readonly string[]): SQL => sql`string_to_array(${names.join(",")}, ',')`;
const numbers = (values: readonly number[]): SQL => sql`string_to_array(${values.join(",")}, ',')::bigint[]`;
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

/** Names bytes that are durably stored, and who sent them. Each name once. */
export async function recordBlobs(
  db: Db | Tx,
  input: { blobs: readonly { sha256: string; size: number }[]; teamId: string; now: Date },
): Promise<void> {
  if (input.blobs.length === 0) return;
  const names = list(input.blobs.map((blob) => blob.sha256));
  const sizes = numbers(input.blobs.map((blob) => blob.size));
  const now = at(input.now);
  await db.transaction(async (tx) => {
    await tx.execute(sql`
      insert into blobs (sha256, size, created_at, touched_at)
      select sha256, size, ${now}, ${now} from unnest(${names}, ${sizes}) as sent (sha256, size) order by sha256
      on conflict (sha256) do update set touched_at = excluded.touched_at, doomed_at = null
      where blobs.doomed_at is not null or blobs.touched_at < ${at(stale(input.now))}`);
    await tx.execute(sql`
      insert into blob_owners (team_id, sha256) select ${input.teamId}, unnest(${names})
      on conflict do nothing`);
  });
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

/** A file as it is stored: its size, bytes, and its chunks; none when it is one blob. */
export interface StoredFile {
  sha256: string;
  size: number;
  chunks: readonly string[];
}

export async function findFile(db: Db | Tx, sha256: string): Promise<StoredFile | null> {
  const [row] = await db
    .select(sized)
    .from(blobs)
    .where(and(eq(blobs.sha256, sha256), isNull(blobs.doomedAt)));
  if (!row) return null;
  if (row.size <= CHUNK_BYTES) return { ...row, chunks: [] };
  const chunks = await db
    .select({ sha256: blobChunks.sha256 })
    .from(blobChunks)
    .where(eq(blobChunks.file, sha256))
    .orderBy(blobChunks.position);
  return { ...row, chunks: chunks.map((chunk) => chunk.sha256) };
}
