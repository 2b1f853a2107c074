import { CHUNK_BYTES, DomainError, type PackedBlob, readPack } from "@podium/shared";
import { sha256 as hashOf } from "../../platform/secrets.ts";

/** What a request's body is, once it is known not to be JSON. */
export type Body = AsyncIterable<Uint8Array> | Uint8Array;

/** Largest pack, bytes: senders close theirs at a quarter of it. */
const MAX_PACK_BYTES = 64 * 1024 ** 2;

/**
 * Reads one blob into memory and checks it against its name.
 * @throws DomainError `hash_mismatch`, `payload_too_large`
 */
export async function receiveBlob(body: Body, sha256: string): Promise<Uint8Array> {
  const bytes = body instanceof Uint8Array ? body : await readWhole(body);
  if (bytes.byteLength > CHUNK_BYTES) throw tooLarge();
  requireHash(bytes, sha256);
  return bytes;
}

async function readWhole(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.byteLength;
    if (size > CHUNK_BYTES) throw tooLarge();
    parts.push(part);
  }
  const [only] = parts;
  return parts.length === 1 && only ? only : Buffer.concat(parts, size);
}

function tooLarge(): DomainError {
  return new DomainError(
    "payload_too_large",
    `A blob may have at most ${CHUNK_BYTES} bytes. Send a larger file in chunks, then name it with POST /blobs/composed.`,
    { max_bytes: CHUNK_BYTES },
  );
}

/**
 * Reads a pack, and gives its blobs, checked, in groups of about a megabyte: what is worth one write.
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
    yield group;
    group = [];
    size = 0;
  }
  if (group.length > 0) yield group;
}

const GROUP_BYTES = 1024 ** 2;
const GROUP_BLOBS = 256;

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
