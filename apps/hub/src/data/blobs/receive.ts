import { CHUNK_BYTES, DomainError, type PackedBlob, readPack } from "@podium/shared";
import { passedThrough } from "../../platform/buffers.ts";
import { sha256 as hashOf } from "../../platform/secrets.ts";

/** What a request's body is, once it is known not to be JSON. */
export type Body = AsyncIterable<Uint8Array> | Uint8Array;

/** Largest pack, bytes: senders close theirs at a quarter of it. */
const MAX_PACK_BYTES = 64 * 1024 ** 2;

/** Buffers of chunks that were stored, for those to come: made anew, they pile up faster than they are collected. */
const spare: Uint8Array<ArrayBuffer>[] = [];
const MAX_SPARE = 6;

/**
 * Reads one blob into memory, checks it against its name and hands it on; the bytes are good until `work` ends.
 * @throws DomainError `hash_mismatch`, `payload_too_large`
 */
export async function receiveBlob(
  body: Body,
  sha256: string,
  work: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const buffer = spare.pop() ?? new Uint8Array(CHUNK_BYTES);
  let size = 0;
  for await (const part of body instanceof Uint8Array ? [body] : body) {
    if (size + part.byteLength > CHUNK_BYTES) throw tooLarge();
    buffer.set(part, size);
    size += part.byteLength;
  }
  const bytes = buffer.subarray(0, size);
  requireHash(bytes, sha256);
  await work(bytes);
  // Not when something failed: who knows what still reads it.
  if (spare.length < MAX_SPARE) spare.push(buffer);
}

function tooLarge(): DomainError {
  return new DomainError(
    "payload_too_large",
    `A blob may have at most ${CHUNK_BYTES} bytes. Send a larger file in chunks, then name it with POST /blobs/composed.`,
    { max_bytes: CHUNK_BYTES },
  );
}

/**
 * Reads a pack, and gives its blobs, checked, in groups of a few megabytes: what is worth a question to the database.
 * @throws DomainError `invalid_request` for what is no pack, `hash_mismatch`, `payload_too_large`
 */
export async function* receivePack(body: AsyncIterable<Uint8Array>): AsyncGenerator<PackedBlob[]> {
  let group: PackedBlob[] = [];
  let size = 0;
  for await (const blob of checkedPack(body)) {
    requireHash(blob.bytes, blob.sha256);
    group.push(blob);
    size += blob.bytes.byteLength;
    if (size < GROUP_BYTES && group.length < GROUP_BLOBS) continue;
    passedThrough(size);
    yield group;
    group = [];
    size = 0;
  }
  if (group.length > 0) yield group;
}

const GROUP_BYTES = 2 * 1024 ** 2;
const GROUP_BLOBS = 512;

async function* checkedPack(body: AsyncIterable<Uint8Array>): AsyncGenerator<PackedBlob> {
  let sent = 0;
  let broken: unknown;
  const counted = (async function* () {
    try {
      for await (const part of body) {
        sent += part.byteLength;
        if (sent > MAX_PACK_BYTES)
          throw new DomainError(
            "payload_too_large",
            `A pack may have at most ${MAX_PACK_BYTES} bytes. Send these blobs in several.`,
            { max_bytes: MAX_PACK_BYTES },
          );
        yield part;
      }
    } catch (error) {
      broken = error;
      throw error;
    }
  })();
  const blobs = readPack(counted);
  for (;;) {
    const next = await blobs.next().catch((error: unknown) => {
      throw error === broken ? error : new DomainError("invalid_request", (error as Error).message);
    });
    if (next.done) return;
    yield next.value;
  }
}

function requireHash(bytes: Uint8Array, sha256: string): void {
  const digest = hashOf(bytes);
  if (digest === sha256) return;
  throw new DomainError(
    "hash_mismatch",
    `The bytes sent have SHA-256 ${digest}, not ${sha256}. Send the file again.`,
    { sha256 },
  );
}
