import { DomainError } from "@podium/shared";
import { type BlobInPack, contentsOf, MAX_STORED_PACK } from "./pack-contents.ts";
import { requireHash } from "./receive.ts";

/** Largest pack, bytes: senders close theirs at a quarter of it. */
const MAX_PACK_BYTES = 64 * 1024 ** 2;

/** Buffers whose pieces were stored, for those to come: made anew, they pile up faster than they are collected. */
const spare: Uint8Array<ArrayBuffer>[] = [];
const MAX_SPARE = 3;

/** Some whole blobs of a pack, checked against their names; a pack by themselves. */
export interface PackPiece {
  bytes: Uint8Array;
  blobs: BlobInPack[];
}

/**
 * Reads a pack and cuts it into pieces of at most `MAX_STORED_PACK` bytes. A piece is good, and may be written to, until
 * the next one is asked for: all of them are one buffer.
 * @throws DomainError `invalid_request` for what is no pack, `hash_mismatch`, `payload_too_large`
 */
export async function* receivePack(body: AsyncIterable<Uint8Array>): AsyncGenerator<PackPiece> {
  const buffer = spare.pop() ?? new Uint8Array(MAX_STORED_PACK);
  let filled = 0;
  let sent = 0;
  for await (const part of body) {
    sent += part.byteLength;
    if (sent > MAX_PACK_BYTES) throw tooLarge();
    for (let at = 0; at < part.byteLength; ) {
      const taken = part.subarray(at, at + buffer.byteLength - filled);
      buffer.set(taken, filled);
      filled += taken.byteLength;
      at += taken.byteLength;
      if (filled < buffer.byteLength) continue;
      const { blobs, end } = checkedContents(buffer);
      // What follows is kept first: the piece may be written to.
      const rest = buffer.slice(end);
      yield { bytes: buffer.subarray(0, end), blobs };
      buffer.set(rest);
      filled = rest.byteLength;
    }
  }
  const { blobs, end } = checkedContents(buffer.subarray(0, filled));
  if (end < filled) throw new DomainError("invalid_request", "The pack ends in the middle of a blob.");
  if (blobs.length > 0) yield { bytes: buffer.subarray(0, end), blobs };
  // Not when something failed: who knows what still reads it.
  if (spare.length < MAX_SPARE) spare.push(buffer);
}

function checkedContents(bytes: Uint8Array) {
  const contents = contentsOf(bytes);
  for (const { sha256, size, offset } of contents.blobs)
    requireHash(bytes.subarray(offset, offset + size), sha256);
  return contents;
}

function tooLarge(): DomainError {
  return new DomainError(
    "payload_too_large",
    `A pack may have at most ${MAX_PACK_BYTES} bytes. Send these blobs in several.`,
    { max_bytes: MAX_PACK_BYTES },
  );
}
