import { createReadStream } from "node:fs";
import { lstat, mkdir, open, rename, unlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import { DomainError } from "@podium/shared";
import type { Clock } from "../clock.ts";
import { isErrno } from "./files.ts";

/**
 * Blobs on this machine, named by their SHA-256. A verified blob gets the modification time below; whoever
 * writes to it later moves that time, so a changed blob is noticed without reading all of it again.
 */
const VERIFIED = new Date("2000-01-01T00:00:00Z");

export interface Blob {
  sha256: string;
  size: number;
}

export class BlobCache {
  #temporary = 0;
  readonly #pins = new Map<string, number>();

  private constructor(
    private readonly folder: string,
    private readonly temporaryFolder: string,
    private readonly clock: Clock,
  ) {}

  static async open(dataFolder: string, clock: Clock) {
    const cache = new BlobCache(join(dataFolder, "blobs"), join(dataFolder, "tmp"), clock);
    await mkdir(cache.folder, { recursive: true, mode: 0o700 });
    return cache;
  }

  get root() {
    return this.folder;
  }

  path(sha256: string, executable = false) {
    return join(this.folder, sha256.slice(0, 2), executable ? `${sha256}.x` : sha256);
  }

  /** A name for a file that is still being written; whatever is left there is deleted at the next start. */
  temporaryPath() {
    this.#temporary++;
    return join(this.temporaryFolder, `blob-${this.#temporary}`);
  }

  /** True when the blob is here and intact; one that changed on disk is deleted, so that it is fetched again. */
  async has(blob: Blob): Promise<boolean> {
    const path = this.path(blob.sha256);
    try {
      const status = await lstat(path);
      if (status.size === blob.size && status.mtimeMs === VERIFIED.getTime()) {
        await utimes(path, this.clock.now(), VERIFIED);
        return true;
      }
      if (status.size === blob.size && (await hashFile(path)) === blob.sha256) {
        await utimes(path, this.clock.now(), VERIFIED);
        return true;
      }
      await unlink(path);
      return false;
    } catch (error) {
      if (isErrno(error, "ENOENT")) return false;
      throw error;
    }
  }

  /** Writes a stream into the cache, verifying on the way. Throws `hash_mismatch` and keeps nothing if it differs. */
  async receive(blob: Blob, chunks: AsyncIterable<Uint8Array>) {
    const writer = await this.writer();
    try {
      for await (const chunk of chunks) await writer.write(chunk);
    } catch (error) {
      await writer.discard();
      throw error;
    }
    const received = await writer.finish(blob);
    if (received.sha256 !== blob.sha256 || received.size !== blob.size) {
      throw new DomainError("hash_mismatch", `Blob ${blob.sha256} arrived damaged (${received.size} bytes).`);
    }
  }

  /** A writer that hashes what passes through it and files it under its hash. */
  async writer() {
    const path = this.temporaryPath();
    const file = await open(path, "wx", 0o444);
    const hash = new Bun.CryptoHasher("sha256");
    let size = 0;
    return {
      async write(chunk: Uint8Array) {
        hash.update(chunk);
        size += chunk.byteLength;
        await file.writeFile(chunk);
      },
      discard: async () => {
        await file.close();
        await unlink(path);
      },
      /** With `expected`, files it only when it is that blob. */
      finish: async (expected?: Blob): Promise<Blob> => {
        const blob = { sha256: hash.digest("hex"), size };
        const wanted = !expected || (expected.sha256 === blob.sha256 && expected.size === blob.size);
        if (wanted) await file.sync();
        await file.close();
        if (wanted) await this.#file(path, blob.sha256);
        else await unlink(path);
        return blob;
      },
    };
  }

  async #file(temporary: string, sha256: string) {
    await utimes(temporary, this.clock.now(), VERIFIED);
    const path = this.path(sha256);
    await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
    await rename(temporary, path);
  }

  /** Keeps a blob from eviction until as many `unpin` calls came. */
  pin(sha256: string) {
    this.#pins.set(sha256, (this.#pins.get(sha256) ?? 0) + 1);
  }
  unpin(sha256: string) {
    const left = (this.#pins.get(sha256) ?? 0) - 1;
    if (left > 0) this.#pins.set(sha256, left);
    else this.#pins.delete(sha256);
  }
  isPinned(sha256: string) {
    return this.#pins.has(sha256);
  }
}

async function hashFile(path: string): Promise<string> {
  const hash = new Bun.CryptoHasher("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }))
    hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}
