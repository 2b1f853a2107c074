import { CHUNK_BYTES, DomainError, PACK_HEADER_BYTES, packHeader } from "@podium/shared";
import { hashAside } from "../../platform/hash-aside.ts";
import { giveBackRoom, lendRoom } from "./room.ts";

/** What a request's body is, once it is known not to be JSON. */
export type Body = AsyncIterable<Uint8Array> | Uint8Array;

/**
 * Reads one blob into memory, checks it against its name and hands it on; the bytes are good until `work` ends.
 * @param asPack whether its head shall stand before it
 * @throws DomainError `hash_mismatch`, `payload_too_large`
 */
export async function receiveBlob(
  body: Body,
  sha256: string,
  asPack: boolean,
  work: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  let room = lendRoom();
  let isFree = false;
  try {
    const offset = asPack ? PACK_HEADER_BYTES : 0;
    const size = await fill(room.subarray(offset), body);
    const hashed = await hashAside(room, [{ offset, size }]);
    room = hashed.room;
    requireName(hashed.digests[0], sha256);
    if (asPack) room.set(packHeader(sha256, size));
    await work(room.subarray(0, offset + size));
    isFree = true;
  } finally {
    giveBackRoom(room, isFree);
  }
}

/** @returns how many bytes came @throws DomainError `payload_too_large` */
async function fill(room: Uint8Array, body: Body): Promise<number> {
  let size = 0;
  for await (const part of body instanceof Uint8Array ? [body] : body) {
    if (size + part.byteLength > CHUNK_BYTES) throw tooLarge();
    room.set(part, size);
    size += part.byteLength;
  }
  return size;
}

function tooLarge(): DomainError {
  return new DomainError(
    "payload_too_large",
    `A blob may have at most ${CHUNK_BYTES} bytes. Send a larger file in chunks, then name it with POST /blobs/composed.`,
    { max_bytes: CHUNK_BYTES },
  );
}

/** @throws DomainError `hash_mismatch` */
export function requireName(digest: string | undefined, sha256: string): void {
  if (digest === sha256) return;
  throw new DomainError(
    "hash_mismatch",
    `The bytes sent have SHA-256 ${digest}, not ${sha256}. Send the file again.`,
    { sha256 },
  );
}
