import { createHash } from "node:crypto";
import { CHUNK_BYTES, DomainError, PACK_HEADER_BYTES, packHeader } from "@podium/shared";
import { sha256 as hashOf } from "../../platform/secrets.ts";
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
  const room = lendRoom();
  let isFree = false;
  try {
    const offset = asPack ? PACK_HEADER_BYTES : 0;
    const size = await fill(room.subarray(offset), body, sha256);
    if (asPack) room.set(packHeader(sha256, size));
    await work(room.subarray(0, offset + size));
    isFree = true;
  } finally {
    giveBackRoom(room, isFree);
  }
}

/** @returns how many bytes came, which have this name @throws DomainError `hash_mismatch`, `payload_too_large` */
async function fill(room: Uint8Array, body: Body, sha256: string): Promise<number> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const part of body instanceof Uint8Array ? [body] : body) {
    if (size + part.byteLength > CHUNK_BYTES) throw tooLarge();
    // Named as it comes, while the processor has it at hand.
    hash.update(part);
    room.set(part, size);
    size += part.byteLength;
  }
  requireName(hash.digest("hex"), sha256);
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
export function requireHash(bytes: Uint8Array, sha256: string): void {
  requireName(hashOf(bytes), sha256);
}

function requireName(digest: string, sha256: string): void {
  if (digest === sha256) return;
  throw new DomainError(
    "hash_mismatch",
    `The bytes sent have SHA-256 ${digest}, not ${sha256}. Send the file again.`,
    { sha256 },
  );
}
