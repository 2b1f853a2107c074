import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { BlobNamer } from "@podium/shared";
import type { Clock } from "../clock.ts";
import type { Blob } from "./blob.ts";
import { isErrno } from "./files.ts";
import { createDigest } from "./name-file.ts";

const KEPT_MS = 24 * 3600_000;
const READ_BYTES = 1024 * 1024;

/**
 * Files that have arrived in part, under the name they will have. They outlive a broken connection and a restart of
 * the runner, so that the fetch goes on where it stopped.
 */
export class PartialFolder {
  private constructor(
    private readonly folder: string,
    private readonly clock: Clock,
  ) {}

  static async open(dataFolder: string, clock: Clock) {
    const partials = new PartialFolder(join(dataFolder, "partial"), clock);
    await mkdir(partials.folder, { recursive: true, mode: 0o700 });
    return partials;
  }

  path(sha256: string) {
    return join(this.folder, sha256);
  }

  /** What is there of a blob, opened to be gone on with; more than the blob has is thrown away. */
  async resume(blob: Blob): Promise<PartialFile> {
    const file = await open(this.path(blob.sha256), "a+", 0o600);
    try {
      const partial = new PartialFile(file, this.path(blob.sha256));
      if ((await file.stat()).size > blob.size) await partial.restart();
      else await partial.readBack();
      return partial;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Deletes what nobody has gone on with for a day, then the oldest, until the rest is within the limit. */
  async bound(limitBytes: number, isInUse: (sha256: string) => boolean) {
    const found = [];
    for (const name of await readdir(this.folder)) {
      const status = await stat(join(this.folder, name)).catch(() => null);
      if (status && !isInUse(name)) found.push({ name, size: status.size, mtimeMs: status.mtimeMs });
    }
    let total = 0;
    for (const { name, size, mtimeMs } of found.sort((a, b) => b.mtimeMs - a.mtimeMs)) {
      total += size;
      if (total <= limitBytes && mtimeMs > this.clock.now().getTime() - KEPT_MS) continue;
      total -= size;
      await unlink(join(this.folder, name)).catch((error) => {
        if (!isErrno(error, "ENOENT")) throw error;
      });
    }
  }
}

/** One file that arrives; named as it grows. */
export class PartialFile {
  #namer = new BlobNamer(createDigest);
  #size = 0;

  constructor(
    private readonly file: FileHandle,
    readonly path: string,
  ) {}

  get size() {
    return this.#size;
  }

  /** Names the bytes that an earlier try has left. */
  async readBack() {
    const buffer = new Uint8Array(READ_BYTES);
    for (;;) {
      const { bytesRead } = await this.file.read(buffer, 0, READ_BYTES, this.#size);
      if (bytesRead === 0) return;
      this.#take(buffer.subarray(0, bytesRead));
    }
  }

  async write(bytes: Uint8Array) {
    await this.file.writeFile(bytes);
    this.#take(bytes);
  }

  /** Begins again from nothing. */
  async restart() {
    await this.file.truncate(0);
    this.#namer = new BlobNamer(createDigest);
    this.#size = 0;
  }

  /** Leaves what has arrived for the next try. */
  async close() {
    await this.file.close();
  }

  /** Closes the file and moves it to its place when it is the blob; deletes it and answers false when it is not. */
  async finish(blob: Blob, target: string): Promise<boolean> {
    const isBlob = this.#size === blob.size && this.#namer.finish().sha256 === blob.sha256;
    if (isBlob) {
      await this.file.chmod(0o444);
      await this.file.sync();
    }
    await this.file.close();
    if (isBlob) await rename(this.path, target);
    else await unlink(this.path);
    return isBlob;
  }

  #take(bytes: Uint8Array) {
    this.#namer.update(bytes);
    this.#size += bytes.byteLength;
  }
}
