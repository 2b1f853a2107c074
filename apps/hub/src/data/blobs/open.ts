import { CHUNK_BYTES, DomainError, PACKED_BYTES } from "@podium/shared";
import { passedThrough } from "../../platform/buffers.ts";
import type { Context } from "../../platform/context.ts";
import { type FileSource, readBlob } from "./read-blob.ts";
import { readPacked } from "./read-packed.ts";
import { findFile, type StoredFile } from "./store.ts";

/** Of a file that is read, so many bytes are in memory. */
const PART_BYTES = 1024 ** 2;

/** A file that may be read: nothing is read before it is asked for. */
export interface OpenFile {
  size: number;
  /** The bytes from `start` up to, not including, `end`, a part at a time. */
  read(start: number, end: number): AsyncGenerator<Uint8Array>;
}

/**
 * Opens a file by its name, whatever it is stored as; null when it is not there. Permission is the caller's.
 * @throws DomainError `conflict` for a large file from before there were chunks: its name is none that its bytes would
 * be given now, so whoever gets them would find them damaged
 */
export async function openFile(source: FileSource, sha256: string): Promise<OpenFile | null> {
  const file = await findFile(source.db, sha256);
  if (file && file.size > CHUNK_BYTES && file.blobs.length === 0)
    throw new DomainError(
      "conflict",
      `The file ${sha256} (${file.size} bytes) was stored whole, before large files were kept in chunks, and can't be read any more. Push it again, and use the new version or tree.`,
    );
  return file && { size: file.size, read: (start, end) => readFile(source, file, start, end) };
}

async function* readFile(source: FileSource, file: StoredFile, start: number, end: number) {
  for (let at = start; at < end; ) {
    const index = Math.floor(at / CHUNK_BYTES);
    const begin = index * CHUNK_BYTES;
    const upTo = Math.min(end, at + PART_BYTES, begin + CHUNK_BYTES);
    const blob = file.blobs[index];
    if (!blob) throw new Error(`A file of ${file.size} bytes has no chunk ${index}.`);
    passedThrough(upTo - at);
    yield await readBlob(source, blob, at - begin, upTo - begin);
    at = upTo;
  }
}

/** Gives files as one pack, in the order asked. @throws DomainError `invalid_request` for one too large for it */
export function packOf(
  ctx: Context,
  names: readonly string[],
  sizes: ReadonlyMap<string, number>,
): AsyncGenerator<Uint8Array> {
  const large = names.find((name) => (sizes.get(name) ?? 0) > PACKED_BYTES);
  if (large)
    throw new DomainError(
      "invalid_request",
      `${large} has ${sizes.get(large)} bytes: a pack takes files of at most ${PACKED_BYTES}. Get it by itself.`,
    );
  return readPacked(ctx, names);
}
