import { lstatSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../log.ts";
import type { BlobCache } from "./blob-cache.ts";
import { isErrno } from "./files.ts";
import { nameOfFile } from "./name-file.ts";
import type { TreeStore } from "./tree-store.ts";

/** A disk loses a bit in months, not in minutes: a small cache need not be read all day. */
const BETWEEN_PASSES_MS = 6 * 3600_000;

export interface ScrubOptions {
  blobs: BlobCache;
  trees: TreeStore;
  log: Log;
  /** 0 turns it off. */
  bytesPerSecond: number;
  stopped: AbortSignal;
  /** Sleeps, or returns early when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/**
 * Reads every cached blob again, slowly and for ever, and discards those whose bytes are not what their name says:
 * a disk that forgets is noticed by us, not by a session. Returns when it is stopped.
 */
export async function scrub(options: ScrubOptions) {
  if (options.bytesPerSecond === 0) return;
  while (!options.stopped.aborted) {
    await scrubOnce(options).catch((error) =>
      options.log.error({ err: error }, "the scrub of the cache failed"),
    );
    await options.sleep(BETWEEN_PASSES_MS, options.stopped);
  }
}

/** One pass over the cache. Returns the names of the damaged blobs. */
export async function scrubOnce(options: ScrubOptions): Promise<string[]> {
  const { blobs, trees, log, stopped } = options;
  const damaged: string[] = [];
  for (const prefix of await readdir(blobs.root)) {
    for (const file of await readdir(join(blobs.root, prefix))) {
      if (stopped.aborted) return damaged;
      const sha256 = file.slice(0, 64);
      if (await isAsNamed(options, join(blobs.root, prefix, file), sha256)) continue;
      damaged.push(sha256);
      log.error(
        { sha256 },
        "a cached blob is damaged on the disk; it will be fetched again when it is needed",
      );
      await trees.discard(sha256);
    }
  }
  return damaged;
}

/** True also for a blob that was evicted meanwhile. */
async function isAsNamed(options: ScrubOptions, path: string, sha256: string): Promise<boolean> {
  const { bytesPerSecond, sleep, stopped } = options;
  try {
    const name = await nameOfFile(path, (bytes) => sleep((bytes / bytesPerSecond) * 1000, stopped));
    return name.sha256 === sha256;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return true;
    // What can't be read is of no use to a session either.
    if (isErrno(error, "EIO") && lstatSync(path, { throwIfNoEntry: false })) return false;
    throw error;
  }
}
