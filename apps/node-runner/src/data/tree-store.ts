import { constants } from "node:fs";
import { chmod, copyFile, link, lstat, mkdir, readdir, rename, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { canonicalManifest, DomainError, type Tree, type TreeEntry, treeSchema } from "@podium/shared";
import type { Clock } from "../clock.ts";
import type { BlobCache } from "./blob-cache.ts";
import { evict } from "./evict.ts";
import { isErrno, readIfThere, writeDurably } from "./files.ts";
import { removeFolder } from "./remove.ts";

/** Where trees and blobs come from: the hub, on behalf of one attempt. */
export interface TreeSource {
  tree(treeId: string, signal: AbortSignal): Promise<Tree>;
  /** Puts the blob into the cache. */
  fetchBlob(blob: TreeEntry, signal: AbortSignal): Promise<void>;
}

const PARALLEL_FETCHES = 4;

/**
 * Trees on this machine. Manifests are kept beside the blobs; a shared tree is a folder of hard links into the
 * cache, made once and mounted by every attempt that needs it.
 */
export class TreeStore {
  /** tree → attempts that have it mounted; such a tree is never evicted. */
  readonly #mounted = new Map<string, Set<string>>();
  readonly #fetching = new Map<string, Promise<void>>();
  readonly #building = new Map<string, Promise<string>>();

  private constructor(
    private readonly folder: string,
    private readonly manifests: string,
    readonly blobs: BlobCache,
    private readonly clock: Clock,
    private readonly limitBytes: number,
    private readonly onSize: (bytes: number) => void,
  ) {}

  static async open(
    dataFolder: string,
    blobs: BlobCache,
    clock: Clock,
    limitBytes: number,
    onSize: (bytes: number) => void = () => {},
  ) {
    const store = new TreeStore(
      join(dataFolder, "trees"),
      join(dataFolder, "manifests"),
      blobs,
      clock,
      limitBytes,
      onSize,
    );
    await mkdir(store.folder, { recursive: true, mode: 0o700 });
    await mkdir(store.manifests, { recursive: true, mode: 0o700 });
    return store;
  }

  /** Where a tree lies, or would lie, when it is mounted. */
  path(treeId: string) {
    return join(this.folder, treeId);
  }

  /** Ids of the trees that are ready to be mounted, at most 10,000. */
  async cached(): Promise<string[]> {
    const names = await readdir(this.folder);
    return names.filter((name) => /^[0-9a-f]{64}$/.test(name)).slice(0, 10_000);
  }

  /** A read-only folder with the tree's files, shared by all attempts; stays until `unmount(attemptId)`. */
  async mount(treeId: string, attemptId: string, source: TreeSource, signal: AbortSignal): Promise<string> {
    this.keep(treeId, attemptId);
    const path = await this.#shared(treeId, source, signal);
    await utimes(path, this.clock.now(), this.clock.now());
    return path;
  }

  /** Brings a tree's files into the cache, from which `copy` and `link` take them. */
  async fetch(treeId: string, source: TreeSource, signal: AbortSignal) {
    this.#release(await this.#complete(treeId, source, signal));
  }

  /** Copies a tree into a folder that the attempt may write to; its files. */
  async copy(
    treeId: string,
    target: string,
    source: TreeSource,
    signal: AbortSignal,
  ): Promise<readonly TreeEntry[]> {
    const tree = await this.#complete(treeId, source, signal);
    try {
      await this.#place(tree.entries, target, (entry, path) => this.#copyFile(entry, path));
      return tree.entries;
    } finally {
      this.#release(tree);
    }
  }

  /** Links a tree's files into a folder of one attempt. */
  async link(treeId: string, target: string, source: TreeSource, signal: AbortSignal) {
    const tree = await this.#complete(treeId, source, signal);
    try {
      await this.linkEntries(tree.entries, target);
    } finally {
      this.#release(tree);
    }
  }

  /** As `link`, for entries whose blobs are known to be in the cache. */
  async linkEntries(entries: readonly TreeEntry[], target: string) {
    await this.#place(entries, target, (entry, path) => this.#linkFile(entry, path));
  }

  /** Marks a tree as used by an attempt, also for one that was mounted before a restart. */
  keep(treeId: string, attemptId: string) {
    const users = this.#mounted.get(treeId) ?? new Set<string>();
    this.#mounted.set(treeId, users.add(attemptId));
  }

  unmount(attemptId: string) {
    for (const [treeId, users] of this.#mounted) {
      if (users.delete(attemptId) && users.size === 0) this.#mounted.delete(treeId);
    }
  }

  /** Brings the cache under its size limit; what is mounted, pinned or being fetched stays. */
  async trim() {
    const bytes = await evict({
      blobFolder: this.blobs.root,
      treeFolder: this.folder,
      limitBytes: this.limitBytes,
      keepTree: (id) => this.#mounted.has(id),
      keepBlob: (sha256) => this.blobs.isPinned(sha256),
    });
    this.onSize(bytes);
  }

  async #shared(treeId: string, source: TreeSource, signal: AbortSignal): Promise<string> {
    const building = this.#building.get(treeId);
    if (building) return building;
    const build = this.#buildShared(treeId, source, signal).finally(() => this.#building.delete(treeId));
    this.#building.set(treeId, build);
    return build;
  }

  async #buildShared(treeId: string, source: TreeSource, signal: AbortSignal): Promise<string> {
    const path = this.path(treeId);
    const tree = await this.#complete(treeId, source, signal);
    try {
      if (await this.#isIntact(path, tree)) return path;
      const temporary = this.blobs.temporaryPath();
      await this.linkEntries(tree.entries, temporary);
      await removeFolder(path);
      await rename(temporary, path);
      return path;
    } finally {
      this.#release(tree);
      await this.trim();
    }
  }

  /** Every file of a mounted tree must still be the cache's own inode, which `#complete` has just verified. */
  async #isIntact(path: string, tree: Tree): Promise<boolean> {
    try {
      for (const entry of tree.entries) {
        const [placed, cached] = [await lstat(join(path, entry.path)), await lstat(this.#blobPath(entry))];
        if (placed.ino !== cached.ino) return false;
      }
      await lstat(path);
      return true;
    } catch (error) {
      if (isErrno(error, "ENOENT", "ENOTDIR")) return false;
      throw error;
    }
  }

  /** The manifest, with all its blobs in the cache and pinned until `#release`. */
  async #complete(treeId: string, source: TreeSource, signal: AbortSignal): Promise<Tree> {
    const tree = await this.#manifest(treeId, source, signal);
    for (const entry of tree.entries) this.blobs.pin(entry.sha256);
    try {
      await inParallel(tree.entries, PARALLEL_FETCHES, (entry) => this.#ensure(entry, source, signal));
    } catch (error) {
      this.#release(tree);
      throw error;
    }
    return tree;
  }

  #release(tree: Tree) {
    for (const entry of tree.entries) this.blobs.unpin(entry.sha256);
  }

  async #manifest(treeId: string, source: TreeSource, signal: AbortSignal): Promise<Tree> {
    const path = join(this.manifests, `${treeId}.json`);
    const known = parseTree(await readIfThere(path), treeId);
    if (known) return known;
    const tree = await source.tree(treeId, signal);
    if (treeIdOf(tree.entries) !== treeId) {
      throw new DomainError(
        "hash_mismatch",
        `The hub's list of files of tree ${treeId} does not match its id.`,
      );
    }
    // Several sessions may bring the same tree at once: each writes a file of its own.
    const temporary = this.blobs.temporaryPath();
    await writeDurably(temporary, JSON.stringify(tree));
    await rename(temporary, path);
    return tree;
  }

  async #ensure(entry: TreeEntry, source: TreeSource, signal: AbortSignal) {
    signal.throwIfAborted();
    const running = this.#fetching.get(entry.sha256);
    // Another attempt's fetch may be aborted with it: then this one looks again and fetches on its own.
    if (running) await running.catch(() => {});
    if (await this.blobs.has(entry)) return;
    const fetching = source.fetchBlob(entry, signal).finally(() => this.#fetching.delete(entry.sha256));
    this.#fetching.set(entry.sha256, fetching);
    await fetching;
  }

  async #place(
    entries: readonly TreeEntry[],
    target: string,
    put: (entry: TreeEntry, path: string) => Promise<void>,
  ) {
    await mkdir(target, { recursive: true });
    const folders = new Set<string>();
    for (const entry of entries) {
      const path = join(target, entry.path);
      const folder = dirname(path);
      if (!folders.has(folder)) await mkdir(folder, { recursive: true });
      folders.add(folder);
      await put(entry, path);
    }
  }

  #blobPath(entry: TreeEntry) {
    return this.blobs.path(entry.sha256, entry.mode === 0o755);
  }

  async #linkFile(entry: TreeEntry, path: string) {
    const blob = this.#blobPath(entry);
    try {
      await link(blob, path);
    } catch (error) {
      // A file system bounds the links to one file; an empty file may be in thousands of trees.
      if (isErrno(error, "EMLINK")) return this.#copyFile(entry, path);
      if (!isErrno(error, "ENOENT")) throw error;
      // A hard link shares its permissions, so the executable form of a blob is a file of its own.
      const temporary = this.blobs.temporaryPath();
      await copyFile(this.blobs.path(entry.sha256), temporary, constants.COPYFILE_FICLONE);
      await chmod(temporary, 0o555);
      await rename(temporary, blob);
      await link(blob, path);
    }
  }

  async #copyFile(entry: TreeEntry, path: string) {
    await copyFile(this.blobs.path(entry.sha256), path, constants.COPYFILE_FICLONE);
    await chmod(path, entry.mode);
  }
}

/** The id that a list of files has: the SHA-256 of its canonical manifest. */
export function treeIdOf(entries: readonly TreeEntry[]): string {
  return new Bun.CryptoHasher("sha256").update(canonicalManifest(entries)).digest("hex");
}

function parseTree(text: string | null, treeId: string): Tree | null {
  if (text === null) return null;
  try {
    const tree = treeSchema.parse(JSON.parse(text));
    return treeIdOf(tree.entries) === treeId ? tree : null;
  } catch {
    return null;
  }
}

async function inParallel<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>) {
  let next = 0;
  const lane = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
}
