import { chmodSync, existsSync } from "node:fs";
import { mkdir, readdir, rename, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { Tree, TreeEntry } from "@podium/shared";
import type { Clock } from "../clock.ts";
import type { BlobCache } from "./blob-cache.ts";
import { type BlobSource, blobsOf, Downloads } from "./downloads.ts";
import { blocksOf, evict, measure } from "./evict.ts";
import { Manifests } from "./manifests.ts";
import { copyEntries, damagedEntries, linkEntries, mendEntries } from "./placing.ts";
import { SharedWork } from "./shared-work.ts";

/** Where trees and blobs come from: the hub, on behalf of one attempt. */
export interface TreeSource extends BlobSource {
  tree(treeId: string, signal: AbortSignal): Promise<Tree>;
}

export interface TreeStoreOptions {
  dataFolder: string;
  blobs: BlobCache;
  clock: Clock;
  /** Bytes that blobs and lists of files may take; what is in use may take more. */
  limitBytes: number;
  onSize?: (bytes: number) => void;
  /** Files of a tree that attempts have mounted were found damaged. */
  onDamage?: (treeId: string, paths: readonly string[], attempts: readonly string[]) => void;
}

/** Eviction goes on to this share of the limit, so that the cache is not walked for every file that comes. */
const TRIMMED = 0.9;
const MAX_TOLD = 10_000;
const MANY_ENTRIES = 10_000;
/** The share of the limit that files may take that have arrived in part. */
const PARTIAL = 0.125;

/**
 * Trees on this machine: folders of hard links into the blob cache, made once and mounted by every attempt that needs
 * them. A tree that was built or looked over is trusted until the runner ends or somebody has reason to doubt it: a
 * session of it failed, or the scrub found a damaged blob. So a mount costs the same for one file and for 100,000.
 */
export class TreeStore {
  readonly #folder: string;
  /** tree → attempts that have it mounted; such a tree is never evicted. */
  readonly #mounted = new Map<string, Set<string>>();
  readonly #trusted = new Set<string>();
  /** Trees whose files are here without a folder of their own, as those of code: as far as is known, until an eviction. */
  readonly #fetched = new Set<string>();
  readonly #building = new Map<string, SharedWork>();
  readonly #downloads = new Downloads();
  #trimming: Promise<void> = Promise.resolve();
  #bytes: number | null = null;

  private constructor(
    private readonly options: TreeStoreOptions,
    private readonly manifests: Manifests,
  ) {
    this.#folder = join(options.dataFolder, "trees");
  }

  static async open(options: TreeStoreOptions) {
    const store = new TreeStore(options, await Manifests.open(options.dataFolder, options.clock));
    await mkdir(store.#folder, { recursive: true, mode: 0o700 });
    return store;
  }

  /** Where a tree lies, or would lie, when it is mounted. */
  path(treeId: string) {
    return join(this.#folder, treeId);
  }

  /** Ids of the trees of which nothing has to be fetched, at most 10,000. */
  async cached(): Promise<string[]> {
    return [...new Set([...(await this.#treeIds()), ...this.#fetched])].slice(0, MAX_TOLD);
  }

  /** A read-only folder with the tree's files, shared by all attempts; stays until `unmount(attemptId)`. */
  async mount(treeId: string, attemptId: string, source: TreeSource, signal: AbortSignal): Promise<string> {
    this.keep(treeId, attemptId);
    while (!this.#isReady(treeId)) await this.#build(treeId, source, signal);
    await this.#touch(treeId);
    return this.path(treeId);
  }

  /** Brings a tree's files into the cache, from which `copy` and `link` take them. */
  async fetch(treeId: string, source: TreeSource, signal: AbortSignal) {
    const entries = await this.#entries(treeId, source, signal);
    await this.#withBlobs(entries, source, signal, async () => {});
    this.#fetched.add(treeId);
  }

  /** Copies a tree into a folder that the attempt may write to; its files. */
  async copy(
    treeId: string,
    target: string,
    source: TreeSource,
    signal: AbortSignal,
  ): Promise<readonly TreeEntry[]> {
    const entries = await this.#entries(treeId, source, signal);
    await this.#withBlobs(entries, source, signal, () => copyEntries(this.options.blobs, entries, target));
    this.#fetched.add(treeId);
    return entries;
  }

  /** Links a tree's files into a folder of one attempt. */
  async link(treeId: string, target: string, source: TreeSource, signal: AbortSignal) {
    const entries = await this.#entries(treeId, source, signal);
    await this.#withBlobs(entries, source, signal, () => this.linkEntries(entries, target));
    this.#fetched.add(treeId);
  }

  /** As `link`, for entries whose blobs are known to be in the cache. */
  async linkEntries(entries: readonly TreeEntry[], target: string) {
    await linkEntries(this.options.blobs, entries, target);
  }

  /** Marks a tree as used by an attempt, also for one that was mounted before a restart. */
  keep(treeId: string, attemptId: string) {
    const users = this.#mounted.get(treeId) ?? new Set<string>();
    this.#mounted.set(treeId, users.add(attemptId));
  }

  async unmount(attemptId: string) {
    for (const [treeId, users] of this.#mounted) {
      if (!users.delete(attemptId)) continue;
      if (users.size === 0) this.#mounted.delete(treeId);
      await this.#touch(treeId);
    }
  }

  /** The attempt has failed, and its data may be why: its trees are looked over before anyone mounts them again. */
  doubt(attemptId: string) {
    for (const [treeId, users] of this.#mounted) if (users.has(attemptId)) this.#trusted.delete(treeId);
  }

  /** A blob's bytes are not what its name says: it goes, and every tree that links to it is mended at its next mount. */
  async discard(sha256: string) {
    this.options.blobs.discard(sha256);
    this.#fetched.clear();
    for (const treeId of await this.#treeIds()) {
      if (!(await this.manifests.names(treeId, sha256))) continue;
      this.#trusted.delete(treeId);
      const entries = (await this.manifests.read(treeId)) ?? [];
      this.#tellUsers(
        treeId,
        entries.filter((entry) => entry.sha256 === sha256),
      );
    }
  }

  /** Brings the cache under its limit, with room for `incoming` bytes; what is mounted, pinned or on its way stays. */
  trim(incoming = 0): Promise<void> {
    this.#trimming = this.#trimming.catch(() => {}).then(() => this.#trimNow(incoming));
    return this.#trimming;
  }

  async #trimNow(incoming: number) {
    const { blobs, limitBytes, onSize } = this.options;
    const folders = {
      blobFolder: blobs.root,
      treeFolder: this.#folder,
      manifestFolder: this.manifests.folder,
    };
    const grown = blobs.takeGrown() + this.manifests.takeGrown();
    // What is filed while it is measured may count twice: the next walk over all of it sets that right.
    this.#bytes = this.#bytes === null ? await measure(folders) : this.#bytes + grown;
    await blobs.partials.bound(limitBytes * PARTIAL, (sha256) => this.#downloads.isRunning(sha256));
    if (this.#bytes + incoming > limitBytes) {
      this.#fetched.clear();
      this.#bytes = await evict({
        ...folders,
        limitBytes: Math.max(0, limitBytes * TRIMMED - incoming),
        keepTree: (id) => this.#mounted.has(id) || this.#building.has(id),
        keepBlob: (sha256) => blobs.isPinned(sha256),
        entriesOf: (id) => this.manifests.read(id),
        onTree: (id) => this.#trusted.delete(id),
        temporaryPath: () => blobs.temporaryPath(),
      });
    }
    onSize?.(this.#bytes);
  }

  #isReady(treeId: string) {
    return this.#trusted.has(treeId) && existsSync(this.path(treeId));
  }

  async #touch(treeId: string) {
    const now = this.options.clock.now();
    await utimes(this.path(treeId), now, now).catch(() => {});
  }

  async #treeIds() {
    return (await readdir(this.#folder)).filter((name) => /^[0-9a-f]{64}$/.test(name));
  }

  /** One build serves all who wait for it. When another attempt's build fails, this one tries on its own. */
  async #build(treeId: string, source: TreeSource, signal: AbortSignal) {
    const running = this.#building.get(treeId);
    if (running) {
      return running.join(signal).catch(() => {
        signal.throwIfAborted();
      });
    }
    const work = new SharedWork((shared) =>
      this.#buildShared(treeId, source, shared).finally(() => this.#building.delete(treeId)),
    );
    this.#building.set(treeId, work);
    await work.join(signal);
  }

  async #buildShared(treeId: string, source: TreeSource, signal: AbortSignal) {
    const { blobs } = this.options;
    const path = this.path(treeId);
    const entries = await this.#entries(treeId, source, signal);
    if (existsSync(path)) {
      const damaged = await damagedEntries(blobs, entries, path);
      if (damaged.length > 0) {
        this.#tellUsers(treeId, damaged);
        await this.#withBlobs(damaged, source, signal, () => mendEntries(blobs, damaged, path));
      }
    } else {
      await this.#withBlobs(entries, source, signal, async () => {
        const temporary = blobs.temporaryPath();
        await linkEntries(blobs, entries, temporary);
        await rename(temporary, path);
        chmodSync(path, 0o555);
      });
    }
    this.#trusted.add(treeId);
  }

  #tellUsers(treeId: string, damaged: readonly TreeEntry[]) {
    const users = [...(this.#mounted.get(treeId) ?? [])];
    this.options.onDamage?.(
      treeId,
      damaged.map(({ path }) => path),
      users,
    );
  }

  async #entries(treeId: string, source: TreeSource, signal: AbortSignal): Promise<readonly TreeEntry[]> {
    const known = await this.manifests.read(treeId);
    if (known) return known;
    const entries = await this.manifests.keep(treeId, await source.tree(treeId, signal));
    // The hub's answer for 100,000 files is a hundred megabytes of objects: they go before the fetching begins.
    if (entries.length > MANY_ENTRIES) Bun.gc(true);
    return entries;
  }

  /** Works with the entries' blobs in the cache and pinned. */
  async #withBlobs(
    entries: readonly TreeEntry[],
    source: BlobSource,
    signal: AbortSignal,
    work: () => Promise<void>,
  ) {
    const { blobs } = this.options;
    const wanted = blobsOf(entries);
    for (const { sha256 } of wanted) blobs.pin(sha256);
    let fetched = false;
    try {
      for (;;) {
        const missing = await blobs.missing(wanted, signal);
        if (missing.length === 0) break;
        fetched = true;
        await this.trim(missing.reduce((sum, { size }) => sum + blocksOf(size), 0));
        await this.#downloads.fetch(missing, source, signal);
      }
      await work();
    } finally {
      for (const { sha256 } of wanted) blobs.unpin(sha256);
      if (fetched) await this.trim();
    }
  }
}
