import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DomainError } from "@podium/shared";

/** Bytes named by their SHA-256. Who may read which is the data domain's business, not the store's. */
export interface BlobStore {
  /**
   * Stores the stream if its SHA-256 is the one announced.
   * @returns size in bytes
   * @throws DomainError `hash_mismatch`, `payload_too_large`; nothing is kept then
   */
  put(sha256: string, body: AsyncIterable<Uint8Array> | Uint8Array, maxBytes: number): Promise<number>;
  /** A lazily read file, or null when the store does not hold it. */
  get(sha256: string): Promise<Blob | null>;
  /** A path on this machine's disk, for a reader that needs a file (DuckDB). */
  localPath(sha256: string): Promise<string | null>;
}

/** Blobs in a folder, `ab/cdef…`: written aside, fsynced, renamed; so a blob is there whole or not at all. */
export function createFolderStore(folder: string): BlobStore {
  const pathOf = (sha256: string) => join(folder, "blobs", sha256.slice(0, 2), sha256.slice(2));

  return {
    async put(sha256, body, maxBytes) {
      const path = pathOf(sha256);
      const partial = join(folder, "incoming", `${sha256}.${randomUUID()}`);
      await mkdir(dirname(partial), { recursive: true });
      try {
        const { size, digest } = await writeAndHash(partial, body, maxBytes);
        if (digest !== sha256) {
          throw new DomainError(
            "hash_mismatch",
            `The bytes sent have SHA-256 ${digest}, not ${sha256}. Send the file again.`,
          );
        }
        await mkdir(dirname(path), { recursive: true });
        await rename(partial, path);
        return size;
      } finally {
        await rm(partial, { force: true });
      }
    },
    async get(sha256) {
      const file = Bun.file(pathOf(sha256));
      return (await file.exists()) ? file : null;
    },
    async localPath(sha256) {
      const path = pathOf(sha256);
      return (await stat(path).catch(() => null)) ? path : null;
    },
  };
}

async function writeAndHash(path: string, body: AsyncIterable<Uint8Array> | Uint8Array, maxBytes: number) {
  const hash = createHash("sha256");
  const file = await open(path, "wx");
  let size = 0;
  const write = async (chunk: Uint8Array) => {
    size += chunk.byteLength;
    if (size > maxBytes) {
      throw new DomainError("payload_too_large", `A file may have at most ${maxBytes} bytes here.`, {
        max_bytes: maxBytes,
      });
    }
    hash.update(chunk);
    await file.write(chunk);
  };
  try {
    if (body instanceof Uint8Array) await write(body);
    else for await (const chunk of body) await write(chunk);
    await file.datasync();
  } catch (error) {
    throw isDiskFull(error)
      ? new DomainError("unavailable", "The hub's disk is full. Nothing was stored; try again later.")
      : error;
  } finally {
    await file.close();
  }
  return { size, digest: hash.digest("hex") };
}

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === "ENOSPC";
}
