import { CHUNK_BYTES, DomainError, PACK_HEADER_BYTES } from "@podium/shared";

/** A blob inside a pack. */
export interface BlobInPack {
  sha256: string;
  size: number;
  /** Where its bytes begin; its head stands before them. */
  offset: number;
}

/** Most bytes of a pack in the store: any blob, with its head, fits into one. */
export const MAX_STORED_PACK = CHUNK_BYTES + PACK_HEADER_BYTES;

const NAME_BYTES = 32;

/**
 * The whole blobs that a pack begins with, and where the last of them ends.
 * @throws DomainError `invalid_request` for what is no pack
 */
export function contentsOf(pack: Uint8Array): { blobs: BlobInPack[]; end: number } {
  const bytes = Buffer.from(pack.buffer, pack.byteOffset, pack.byteLength);
  const blobs: BlobInPack[] = [];
  let end = 0;
  while (end + PACK_HEADER_BYTES <= bytes.byteLength) {
    const size = bytes.readUInt32LE(end + NAME_BYTES);
    if (size > CHUNK_BYTES)
      throw new DomainError(
        "invalid_request",
        `A pack says that a blob has ${size} bytes; ${CHUNK_BYTES} are the most.`,
      );
    const offset = end + PACK_HEADER_BYTES;
    if (offset + size > bytes.byteLength) break;
    blobs.push({ sha256: bytes.toString("hex", end, end + NAME_BYTES), size, offset });
    end = offset + size;
  }
  return { blobs, end };
}

/**
 * Moves some blobs of a pack together, in place, so that its beginning is a pack of these alone.
 * @param kept in the order in which they lie
 * @returns where each lies now, and where the last one ends
 */
export function squeeze(pack: Uint8Array, kept: readonly BlobInPack[]): { blobs: BlobInPack[]; end: number } {
  const blobs: BlobInPack[] = [];
  let end = 0;
  for (const { sha256, size, offset } of kept) {
    const begin = offset - PACK_HEADER_BYTES;
    if (begin !== end) pack.copyWithin(end, begin, offset + size);
    blobs.push({ sha256, size, offset: end + PACK_HEADER_BYTES });
    end += PACK_HEADER_BYTES + size;
  }
  return { blobs, end };
}
