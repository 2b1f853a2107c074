import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { type BlobName, BlobNamer, type DigestFactory } from "@podium/shared";

const READ_BYTES = 1024 * 1024;

/** The hash functions that names of blobs are made with. */
export const createDigest: DigestFactory = (algorithm) => new Bun.CryptoHasher(algorithm);

/**
 * The name that a file's bytes give it, read piece by piece. Leaves the access time alone, which says when a blob was
 * last used. `onPiece` is awaited after each piece and may slow the reading down.
 */
export async function nameOfFile(
  path: string,
  onPiece: (bytes: number) => Promise<void> | void = () => {},
): Promise<BlobName> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NOATIME);
  try {
    const namer = new BlobNamer(createDigest);
    const buffer = new Uint8Array(READ_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, READ_BYTES, null);
      if (bytesRead === 0) return namer.finish();
      namer.update(buffer.subarray(0, bytesRead));
      await onPiece(bytesRead);
    }
  } finally {
    await file.close();
  }
}
