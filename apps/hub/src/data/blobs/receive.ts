import { createHash } from "node:crypto";
import { CHUNK_BYTES, DomainError } from "@podium/shared";
import { sha256 as hashOf } from "../../platform/secrets.ts";

/** What a request's body is, once it is known not to be JSON. */
export type Body = AsyncIterable<Uint8Array> | Uint8Array;

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
  const hash = createHash("sha256");
  let size = 0;
  for await (const part of body instanceof Uint8Array ? [body] : body) {
    if (size + part.byteLength > CHUNK_BYTES) throw tooLarge();
    // Named as it comes, while the processor has it at hand.
    hash.update(part);
    buffer.set(part, size);
    size += part.byteLength;
  }
  requireName(hash.digest("hex"), sha256);
  await work(buffer.subarray(0, size));
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
