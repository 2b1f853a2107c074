import { createHash } from "node:crypto";
import { access, constants, type FileHandle, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DomainError } from "@podium/shared";
import { randomName } from "./secrets.ts";

/** Bytes named by their SHA-256. Who may read which is the data domain's business, not the store's. */
export interface BlobStore {
  /**
   * Stores the stream if its SHA-256 is the one announced.
   * @returns size in bytes
   * @throws DomainError `hash_mismatch`, `payload_too_large`, `unavailable` (disk full); nothing is kept then
   */
  put(sha256: string, body: AsyncIterable<Uint8Array> | Uint8Array, maxBytes: number): Promise<number>;
  /** A lazily read file, or null when the store does not hold it. */
  get(sha256: string): Promise<Blob | null>;
  /** A path on this machine's disk, for a reader that needs a file (DuckDB). */
  localPath(sha256: string): Promise<string | null>;
  /** Removes what a hub that died while it received left behind. @returns how many files */
  removeUnfinished(before: Date): Promise<number>;
}

/** Makes the folder; throws one line for people when this user can't write there. */
export async function assertWritable(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new Error(
      `PODIUM_DATA (${folder}) can't be used: ${(cause as Error).message}. Point it at a folder that this user may write.`,
      { cause },
    );
  }
}

/** Blobs in a folder, `ab/cdef…`: written aside, synced, renamed; so a blob is there whole or not at all. */
export function createFolderStore(folder: string): BlobStore {
  const incoming = join(folder, "incoming");
  const pathOf = (sha256: string) => join(folder, "blobs", sha256.slice(0, 2), sha256.slice(2));

  return {
    async put(sha256, body, maxBytes) {
      const path = pathOf(sha256);
      const partial = join(incoming, `${sha256}.${randomName()}`);
      try {
        await mkdir(incoming, { recursive: true });
        const { size, digest } = await writeAndHash(partial, body, maxBytes);
        if (digest !== sha256) {
          throw new DomainError(
            "hash_mismatch",
            `The bytes sent have SHA-256 ${digest}, not ${sha256}. Send the file again.`,
          );
        }
        const isNewFolder = (await mkdir(dirname(path), { recursive: true })) !== undefined;
        await rename(partial, path);
        await syncFolder(dirname(path));
        if (isNewFolder) await syncFolder(dirname(dirname(path)));
        return size;
      } catch (error) {
        throw isDiskFull(error)
          ? new DomainError("unavailable", "The hub's disk is full. Nothing was stored; try again later.")
          : error;
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
    async removeUnfinished(before) {
      let removed = 0;
      for (const name of await readdir(incoming).catch(() => [])) {
        const path = join(incoming, name);
        const found = await stat(path).catch(() => null);
        if (!found || found.mtime >= before) continue;
        await rm(path, { force: true });
        removed += 1;
      }
      return removed;
    },
  };
}

async function writeAndHash(path: string, body: AsyncIterable<Uint8Array> | Uint8Array, maxBytes: number) {
  const hash = createHash("sha256");
  const file = await open(path, "wx");
  let size = 0;
  const take = async (chunk: Uint8Array) => {
    size += chunk.byteLength;
    if (size > maxBytes) {
      throw new DomainError("payload_too_large", `A file may have at most ${maxBytes} bytes here.`, {
        max_bytes: maxBytes,
      });
    }
    hash.update(chunk);
    await writeWhole(file, chunk);
  };
  try {
    if (body instanceof Uint8Array) await take(body);
    else for await (const chunk of body) await take(chunk);
    await file.datasync();
  } finally {
    await file.close();
  }
  return { size, digest: hash.digest("hex") };
}

/** One write may take only part of a chunk, when the disk is nearly full. */
async function writeWhole(file: FileHandle, chunk: Uint8Array): Promise<void> {
  let written = 0;
  while (written < chunk.byteLength) {
    written += (await file.write(chunk, written, chunk.byteLength - written)).bytesWritten;
  }
}

/** A rename survives a power cut only once its folder has been synced too. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isDiskFull(error: unknown): boolean {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code === "ENOSPC" || code === "EDQUOT";
}
