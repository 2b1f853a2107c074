import { CHUNK_BYTES, DomainError, PACKED_BYTES, packHeader } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { findFile, type StoredFile } from "./store.ts";

/** A file that may be read: nothing is read before it is asked for. */
export interface OpenFile {
  size: number;
  /** The bytes from `start` up to, not including, `end`, a chunk at most at a time. */
  read(start: number, end: number): AsyncGenerator<Uint8Array>;
}

/** Opens a file by its name, whatever it is stored as; null when it is not there. Permission is the caller's. */
export async function openFile(ctx: Context, sha256: string): Promise<OpenFile | null> {
  const file = await findFile(ctx.db, sha256);
  return file && { size: file.size, read: (start, end) => readFile(ctx, file, start, end) };
}

async function* readFile(ctx: Context, file: StoredFile, start: number, end: number) {
  if (file.chunks.length === 0) {
    yield (await readBlob(ctx, file.sha256, file.size)).subarray(start, end);
    return;
  }
  for (let index = Math.floor(start / CHUNK_BYTES); index * CHUNK_BYTES < end; index++) {
    const at = index * CHUNK_BYTES;
    const bytes = await readBlob(ctx, file.chunks[index] ?? "", Math.min(CHUNK_BYTES, file.size - at));
    yield bytes.subarray(Math.max(0, start - at), end - at);
  }
}

/** A row says that it is there: bytes that are gone, or cut, are a fault of the store. */
async function readBlob(ctx: Context, sha256: string, size: number): Promise<Uint8Array> {
  const bytes = await ctx.blobs.read(sha256);
  if (bytes?.byteLength === size) return bytes;
  throw new Error(`Blob ${sha256} should have ${size} bytes; the store has ${bytes?.byteLength ?? "none"}.`);
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
  return (async function* () {
    for (const name of names) {
      const bytes = await readBlob(ctx, name, sizes.get(name) ?? 0);
      yield packHeader(name, bytes.byteLength);
      yield bytes;
    }
  })();
}
