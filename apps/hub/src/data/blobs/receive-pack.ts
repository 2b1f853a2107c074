import { DomainError } from "@podium/shared";
import { type BlobInPack, contentsOf } from "./pack-contents.ts";
import { requireHash } from "./receive.ts";
import { giveBackRoom, lendRoom } from "./room.ts";

/** Largest pack, bytes: senders close theirs at a quarter of it. */
const MAX_PACK_BYTES = 64 * 1024 ** 2;

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
  const room = lendRoom();
  let isFree = false;
  try {
    yield* piecesOf(body, room);
    isFree = true;
  } finally {
    giveBackRoom(room, isFree);
  }
}

async function* piecesOf(
  body: AsyncIterable<Uint8Array>,
  room: Uint8Array<ArrayBuffer>,
): AsyncGenerator<PackPiece> {
  let filled = 0;
  let sent = 0;
  for await (const part of body) {
    sent += part.byteLength;
    if (sent > MAX_PACK_BYTES) throw tooLarge();
    for (let at = 0; at < part.byteLength; ) {
      const taken = part.subarray(at, at + room.byteLength - filled);
      room.set(taken, filled);
      filled += taken.byteLength;
      at += taken.byteLength;
      if (filled < room.byteLength) continue;
      const { blobs, end } = checkedContents(room);
      // What follows is kept first: the piece may be written to.
      const rest = room.slice(end);
      yield { bytes: room.subarray(0, end), blobs };
      room.set(rest);
      filled = rest.byteLength;
    }
  }
  const { blobs, end } = checkedContents(room.subarray(0, filled));
  if (end < filled) throw new DomainError("invalid_request", "The pack ends in the middle of a blob.");
  if (blobs.length > 0) yield { bytes: room.subarray(0, end), blobs };
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
