import { CHUNK_BYTES } from "./blob-name.ts";

/**
 * A pack carries many blobs in one request: for each its SHA-256 (32 bytes), its size (u32, little-endian), its bytes.
 * Blobs up to `PACKED_BYTES` travel packed; larger ones gain nothing by it.
 */
export const PACKED_BYTES = 1024 ** 2;
/** Senders close a pack at about this size, so that both ends need little memory and a retry repeats little. */
export const PACK_BYTES = 8 * 1024 ** 2;
/** Most blobs that one pack may hold. */
export const MAX_PACKED = 4096;

const NAME_BYTES = 32;
/** Length of what stands before each blob's bytes. */
export const PACK_HEADER_BYTES = NAME_BYTES + 4;

/** What stands before a blob's bytes in a pack. */
export function packHeader(sha256: string, size: number): Uint8Array {
  const header = new Uint8Array(PACK_HEADER_BYTES);
  for (let i = 0; i < NAME_BYTES; i++) header[i] = Number.parseInt(sha256.slice(2 * i, 2 * i + 2), 16);
  new DataView(header.buffer).setUint32(NAME_BYTES, size, true);
  return header;
}

export interface PackedBlob {
  sha256: string;
  bytes: Uint8Array;
}

/**
 * Cuts a stream into the blobs of a pack as they arrive; at most one blob and one piece of the stream are in memory.
 * Whether the bytes have that hash is for the caller to check.
 * @throws Error in words for people when the stream is no pack, or ends inside one
 */
export async function* readPack(stream: AsyncIterable<Uint8Array>): AsyncGenerator<PackedBlob> {
  const header = new Uint8Array(PACK_HEADER_BYTES);
  let inHeader = 0;
  let blob: { sha256: string; bytes: Uint8Array; filled: number } | null = null;
  for await (const piece of stream) {
    for (let at = 0; at < piece.byteLength || blob?.bytes.byteLength === 0; ) {
      if (!blob) {
        const part = piece.subarray(at, at + PACK_HEADER_BYTES - inHeader);
        header.set(part, inHeader);
        inHeader += part.byteLength;
        at += part.byteLength;
        if (inHeader < PACK_HEADER_BYTES) continue;
        inHeader = 0;
        blob = emptyBlob(header);
      }
      const part = piece.subarray(at, at + blob.bytes.byteLength - blob.filled);
      blob.bytes.set(part, blob.filled);
      blob.filled += part.byteLength;
      at += part.byteLength;
      if (blob.filled < blob.bytes.byteLength) continue;
      yield { sha256: blob.sha256, bytes: blob.bytes };
      blob = null;
    }
  }
  if (blob || inHeader > 0) throw new Error("The pack ends in the middle of a blob.");
}

function emptyBlob(header: Uint8Array) {
  const size = new DataView(header.buffer).getUint32(NAME_BYTES, true);
  if (size > CHUNK_BYTES)
    throw new Error(`A pack says that a blob has ${size} bytes; ${CHUNK_BYTES} are the most.`);
  const sha256 = Array.from(header.subarray(0, NAME_BYTES), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
  return { sha256, bytes: new Uint8Array(size), filled: 0 };
}
