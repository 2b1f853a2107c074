import { DomainError } from "@podium/shared";
import { hashAside } from "../../platform/hash-aside.ts";
import { type BlobInPack, contentsOf } from "./pack-contents.ts";
import { requireName } from "./receive.ts";
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
  const room = new Room();
  let isFree = false;
  try {
    yield* piecesOf(body, room);
    isFree = true;
  } finally {
    giveBackRoom(room.bytes, isFree);
  }
}

/** One buffer at a time, which is another after it was away to be named. */
class Room {
  bytes = lendRoom();
  filled = 0;

  /** @returns how many of these bytes have found room */
  take(bytes: Uint8Array): number {
    const taken = bytes.subarray(0, this.bytes.byteLength - this.filled);
    this.bytes.set(taken, this.filled);
    this.filled += taken.byteLength;
    return taken.byteLength;
  }

  /** The whole blobs that it holds, checked against their names. @throws DomainError as `receivePack` */
  async contents() {
    const contents = contentsOf(this.bytes.subarray(0, this.filled));
    const hashed = await hashAside(this.bytes, contents.blobs);
    this.bytes = hashed.room;
    for (const [at, { sha256 }] of contents.blobs.entries()) requireName(hashed.digests[at], sha256);
    return contents;
  }
}

async function* piecesOf(body: AsyncIterable<Uint8Array>, room: Room): AsyncGenerator<PackPiece> {
  let sent = 0;
  for await (const part of body) {
    sent += part.byteLength;
    if (sent > MAX_PACK_BYTES) throw tooLarge();
    for (let at = 0; at < part.byteLength; ) {
      at += room.take(part.subarray(at));
      if (room.filled < room.bytes.byteLength) continue;
      const { blobs, end } = await room.contents();
      // What follows is kept first: the piece may be written to.
      const rest = room.bytes.slice(end);
      yield { bytes: room.bytes.subarray(0, end), blobs };
      room.filled = 0;
      room.take(rest);
    }
  }
  const { blobs, end } = await room.contents();
  if (end < room.filled) throw new DomainError("invalid_request", "The pack ends in the middle of a blob.");
  if (blobs.length > 0) yield { bytes: room.bytes.subarray(0, end), blobs };
}

function tooLarge(): DomainError {
  return new DomainError(
    "payload_too_large",
    `A pack may have at most ${MAX_PACK_BYTES} bytes. Send these blobs in several.`,
    { max_bytes: MAX_PACK_BYTES },
  );
}
