import { PACK_HEADER_BYTES, packHeader } from "@podium/shared";
import { passedThrough } from "../../platform/buffers.ts";
import type { Context } from "../../platform/context.ts";
import { type Range, rangesOf } from "./ranges.ts";
import { readBlob } from "./read-blob.ts";
import { findBlobs, type StoredBlob } from "./store.ts";

/** Of what is given, so many bytes are put together at a time; the largest packed file fits. */
const PIECE_BYTES = 1024 ** 2;
/** Reads of one piece under way at a time. */
const PARALLEL = 16;

/**
 * Gives small blobs as one pack, in the order asked: blobs that lie together in the store are read together.
 * @param names all of which there were when the caller looked
 */
export async function* readPacked(ctx: Context, names: readonly string[]): AsyncGenerator<Uint8Array> {
  const found = new Map((await findBlobs(ctx.db, names)).map((blob) => [blob.sha256, blob]));
  let piece: StoredBlob[] = [];
  let length = 0;
  for (const name of names) {
    const blob = found.get(name);
    if (!blob) throw new Error(`Blob ${name} went while it was asked for.`);
    const more = PACK_HEADER_BYTES + blob.size;
    if (length > 0 && length + more > PIECE_BYTES) {
      yield await readPiece(ctx, piece, length);
      [piece, length] = [[], 0];
    }
    piece.push(blob);
    length += more;
  }
  if (length > 0) yield await readPiece(ctx, piece, length);
}

async function readPiece(ctx: Context, blobs: readonly StoredBlob[], length: number): Promise<Uint8Array> {
  const [first] = blobs;
  if (first?.pack && lieAsAsked(blobs)) {
    // Then they are stored as they travel: nothing has to be put together.
    const start = first.pack.offset - PACK_HEADER_BYTES;
    passedThrough(length);
    const piece = await ctx.blobs.packs.read(first.pack.id, start, start + length);
    if (piece?.byteLength === length) return piece;
  }
  return assemble(ctx, blobs, length);
}

/** True when each lies, in one pack, right behind the one before. */
function lieAsAsked(blobs: readonly StoredBlob[]): boolean {
  let last: StoredBlob | undefined;
  for (const blob of blobs) {
    const next = last?.pack ? last.pack.offset + last.size + PACK_HEADER_BYTES : blob.pack?.offset;
    if (blob.pack?.offset !== next || (last && blob.pack?.id !== last.pack?.id)) return false;
    last = blob;
  }
  return true;
}

async function assemble(ctx: Context, blobs: readonly StoredBlob[], length: number): Promise<Uint8Array> {
  const piece = new Uint8Array(length);
  /** Where each one's bytes go; one that was asked for twice goes to two places. */
  const targets = new Map<string, number[]>();
  let at = 0;
  for (const { sha256, size } of blobs) {
    piece.set(packHeader(sha256, size), at);
    const known = targets.get(sha256);
    if (known) known.push(at + PACK_HEADER_BYTES);
    else targets.set(sha256, [at + PACK_HEADER_BYTES]);
    at += PACK_HEADER_BYTES + size;
  }
  const place = (sha256: string, bytes: Uint8Array) => {
    for (const target of targets.get(sha256) ?? []) piece.set(bytes, target);
  };
  const readAlone = async (blob: StoredBlob) => place(blob.sha256, await readBlob(ctx, blob, 0, blob.size));
  const reads = [
    ...rangesOf(blobs).map((range) => () => readRange(ctx, range, place, readAlone)),
    ...blobs.filter((blob) => blob.pack === null).map((blob) => () => readAlone(blob)),
  ];
  passedThrough(2 * length);
  await inParallel(reads);
  return piece;
}

async function readRange(
  ctx: Context,
  { packId, start, end, blobs }: Range,
  place: (sha256: string, bytes: Uint8Array) => void,
  readAlone: (blob: StoredBlob) => Promise<void>,
): Promise<void> {
  const bytes = start === end ? new Uint8Array(0) : await ctx.blobs.packs.read(packId, start, end);
  for (const blob of blobs) {
    const from = (blob.pack?.offset ?? 0) - start;
    // The pack was rewritten since the places were looked up: each is looked up again.
    if (bytes?.byteLength !== end - start) await readAlone(blob);
    else place(blob.sha256, bytes.subarray(from, from + blob.size));
  }
}

async function inParallel(reads: readonly (() => Promise<void>)[]): Promise<void> {
  const queue = reads.values();
  const worker = async () => {
    for (const read of queue) await read();
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}
