import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  renameSync,
  type Stats,
  unlinkSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { mkdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { DomainError, readPack } from "@podium/shared";
import type { Clock } from "../clock.ts";
import type { Blob } from "./blob.ts";
import { syncContents } from "./durable.ts";
import { blocksOf } from "./evict.ts";
import { isErrno } from "./files.ts";
import { nameOfFile } from "./name-file.ts";
import { PartialFolder } from "./partial.ts";
import { inSlices } from "./slices.ts";

/**
 * A verified blob gets this modification time; whoever writes to it later moves that time, so a changed blob is
 * noticed without reading all of it again. The access time says when it was last used.
 */
const VERIFIED = new Date("2000-01-01T00:00:00Z");

/** Bytes of a blob from `from` on; a source that can't begin there says 0. */
export interface Arriving {
  from: number;
  bytes: AsyncIterable<Uint8Array>;
}

/** Whole files on this machine, named by what is in them (see `BlobNamer`), with links of trees pointing to them. */
export class BlobCache {
  #temporary = 0;
  readonly #pins = new Map<string, number>();
  /** Bytes that have arrived since the start, whatever became of them. */
  receivedBytes = 0;
  /** Bytes filed since the cache was last measured. */
  #grown = 0;

  private constructor(
    private readonly folder: string,
    private readonly temporaryFolder: string,
    readonly partials: PartialFolder,
    private readonly clock: Clock,
  ) {}

  static async open(dataFolder: string, clock: Clock) {
    const folder = join(dataFolder, "blobs");
    for (let prefix = 0; prefix < 256; prefix++) {
      const name = prefix.toString(16).padStart(2, "0");
      await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
    }
    return new BlobCache(folder, join(dataFolder, "tmp"), await PartialFolder.open(dataFolder, clock), clock);
  }

  get root() {
    return this.folder;
  }

  path(sha256: string, executable = false) {
    // Asked for hundreds of thousands of times a mount: `join` would leave much more behind.
    return `${this.folder}/${sha256.slice(0, 2)}/${sha256}${executable ? ".x" : ""}`;
  }

  /** A name for a file that is still being written; whatever is left there is deleted at the next start. */
  temporaryPath() {
    this.#temporary++;
    return `${this.temporaryFolder}/blob-${this.#temporary}`;
  }

  /** True when the blob is here and intact; one that changed on disk is deleted, so that it is fetched again. */
  async has(blob: Blob): Promise<boolean> {
    return (await this.missing([blob])).length === 0;
  }

  /** Those that are not here intact. The others count as used now. */
  async missing(blobs: readonly Blob[], signal?: AbortSignal): Promise<Blob[]> {
    const missing: Blob[] = [];
    const doubtful: Blob[] = [];
    await inSlices(
      blobs,
      (blob) => {
        const path = this.path(blob.sha256);
        const status = statusOf(path);
        if (!status) missing.push(blob);
        else if (isVerified(status, blob.size)) utimesSync(path, this.clock.now(), VERIFIED);
        else doubtful.push(blob);
      },
      signal,
    );
    for (const blob of doubtful) if (!(await this.#reverify(blob))) missing.push(blob);
    return missing;
  }

  /** Somebody has touched the file: its bytes decide. */
  async #reverify(blob: Blob): Promise<boolean> {
    const path = this.path(blob.sha256);
    try {
      const name = await nameOfFile(path);
      if (name.sha256 === blob.sha256 && name.size === blob.size) {
        utimesSync(path, this.clock.now(), VERIFIED);
        return true;
      }
    } catch (error) {
      if (!isErrno(error, "ENOENT", "EIO", "ELOOP")) throw error;
    }
    this.discard(blob.sha256);
    return false;
  }

  /** Deletes a blob that is damaged, in both its forms. Links to it are seen to be damaged from now on. */
  discard(sha256: string) {
    for (const path of [this.path(sha256), this.path(sha256, true)]) {
      if (!existsSync(path)) continue;
      utimesSync(path, this.clock.now(), this.clock.now());
      unlinkSync(path);
    }
  }

  /** True for a file with the size and the time that a verified blob has. */
  isIntact(path: string, size: number): boolean {
    const status = statusOf(path);
    return status?.isFile() === true && isVerified(status, size);
  }

  /**
   * Takes in one blob as it arrives, going on where an earlier try broke off. Throws `hash_mismatch`, and keeps
   * nothing, when it is another; keeps what has come when the stream fails.
   */
  async receive(blob: Blob, open: (from: number) => Promise<Arriving>) {
    const partial = await this.partials.resume(blob);
    try {
      if (partial.size < blob.size || blob.size === 0) {
        const { from, bytes } = await open(partial.size);
        if (from !== partial.size) await partial.restart();
        for await (const piece of bytes) {
          await partial.write(piece);
          this.receivedBytes += piece.byteLength;
          if (partial.size > blob.size) break;
        }
      }
    } catch (error) {
      await partial.close();
      // A full disk harms everyone: better fetch it all again than keep half of it.
      if (isErrno(error, "ENOSPC", "EDQUOT")) await unlink(partial.path);
      throw error;
    }
    const received = partial.size;
    const temporary = this.temporaryPath();
    if (!(await partial.finish(blob, temporary))) throw damaged(`${blob.sha256} (${received} bytes)`);
    this.file(temporary, blob);
  }

  /** Takes in the blobs of a pack. Throws `hash_mismatch` when some arrived damaged; those that are right are kept. */
  async receivePack(blobs: readonly Blob[], stream: AsyncIterable<Uint8Array>) {
    const wanted = new Map(blobs.map((blob) => [blob.sha256, blob]));
    const staged: { temporary: string; blob: Blob }[] = [];
    let wrong: string | null = null;
    try {
      for await (const { sha256, bytes } of readPack(stream)) {
        this.receivedBytes += bytes.byteLength;
        const blob = wanted.get(sha256);
        if (!blob) continue;
        if (Bun.CryptoHasher.hash("sha256", bytes, "hex") === sha256 && bytes.byteLength === blob.size) {
          const temporary = this.temporaryPath();
          staged.push({ temporary, blob });
          writeFile(temporary, bytes);
        } else wrong ??= sha256;
      }
      await syncContents(staged.map(({ temporary }) => temporary));
      await inSlices(staged, ({ temporary, blob }) => this.file(temporary, blob));
    } finally {
      for (const { temporary } of staged) removeIfThere(temporary);
    }
    // On a busy machine the collector falls behind thousands of small blobs; a pack is a good moment to say so.
    Bun.gc(false);
    if (wrong !== null) throw damaged(wrong);
  }

  /** Gives a file whose content is on the disk, and verified, its place. One that is there already stays. */
  file(temporary: string, blob: Blob) {
    const path = this.path(blob.sha256);
    if (this.isIntact(path, blob.size)) return unlinkSync(temporary);
    utimesSync(temporary, this.clock.now(), VERIFIED);
    renameSync(temporary, path);
    this.#grown += blocksOf(blob.size);
  }

  /** The form of a blob that may be executed: a hard link shares its permissions, so it is a file of its own. */
  fileExecutable(temporary: string, blob: Blob) {
    chmodSync(temporary, 0o555);
    utimesSync(temporary, this.clock.now(), VERIFIED);
    renameSync(temporary, this.path(blob.sha256, true));
    this.#grown += blocksOf(blob.size);
  }

  /** Marks a copy that stands in a tree as verified, as a link to the blob would be. */
  markVerified(path: string) {
    utimesSync(path, this.clock.now(), VERIFIED);
  }

  /** Bytes filed since the last call. */
  takeGrown(): number {
    const grown = this.#grown;
    this.#grown = 0;
    return grown;
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

const VERIFIED_MS = VERIFIED.getTime();
/** Made once: 100,000 files of a tree are looked at before the first mount after a start. */
const IF_THERE = { throwIfNoEntry: false } as const;

function isVerified(status: Stats, size: number): boolean {
  return status.size === size && status.mtimeMs === VERIFIED_MS;
}

function statusOf(path: string): Stats | undefined {
  return lstatSync(path, IF_THERE);
}

function writeFile(path: string, bytes: Uint8Array) {
  const file = openSync(path, "wx", 0o444);
  try {
    for (let at = 0; at < bytes.byteLength; ) at += writeSync(file, bytes, at);
  } finally {
    closeSync(file);
  }
}

function removeIfThere(path: string) {
  if (existsSync(path)) unlinkSync(path);
}

function damaged(what: string) {
  return new DomainError("hash_mismatch", `Blob ${what} arrived damaged.`);
}
