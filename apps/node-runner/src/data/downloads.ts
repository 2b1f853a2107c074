import { MAX_PACKED, PACK_BYTES, PACKED_BYTES, type TreeEntry } from "@podium/shared";
import type { Blob } from "./blob.ts";
import { Lanes, SharedWork } from "./shared-work.ts";

/** Where blobs come from: the hub, on behalf of one attempt. */
export interface BlobSource {
  /** Puts one blob into the cache, going on where an earlier try broke off. */
  fetchBlob(blob: Blob, signal: AbortSignal): Promise<void>;
  /** Puts many small blobs into the cache with one request. */
  fetchPack(blobs: readonly Blob[], signal: AbortSignal): Promise<void>;
}

const PARALLEL_FETCHES = 4;
/** What is asked for at once of small blobs: what has arrived and is not yet written is in memory. */
const FETCHED_BYTES = PACK_BYTES / 2;

/** Fetches that are under way. Attempts that need the same blob at once share one download. */
export class Downloads {
  /** blob → the download that brings it */
  readonly #running = new Map<string, SharedWork>();

  isRunning(sha256: string) {
    return this.#running.has(sha256);
  }

  /**
   * Fetches blobs, or waits for those that another attempt fetches already. A failure of another's download is not
   * this one's: when it returns, what is still missing has to be fetched again.
   */
  async fetch(blobs: readonly Blob[], source: BlobSource, signal: AbortSignal) {
    const others = new Set(blobs.flatMap(({ sha256 }) => this.#running.get(sha256) ?? []));
    const own = this.#begin(
      blobs.filter(({ sha256 }) => !this.#running.has(sha256)),
      source,
    );
    const failed = new AbortController();
    const joined = AbortSignal.any([signal, failed.signal]);
    const forOthers = [...others].map((work) =>
      work.join(joined).catch(() => {
        signal.throwIfAborted();
      }),
    );
    try {
      await Promise.all([...own.map((work) => work.join(joined)), ...forOthers]);
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  }

  #begin(blobs: readonly Blob[], source: BlobSource): SharedWork[] {
    const lanes = new Lanes(PARALLEL_FETCHES);
    return inGroups(blobs).map((group) => {
      const fetch = (signal: AbortSignal) =>
        isPacked(group[0]) ? source.fetchPack(group, signal) : source.fetchBlob(group[0] as Blob, signal);
      const work = new SharedWork((signal) =>
        lanes
          .run(signal, () => fetch(signal))
          .finally(() => {
            for (const { sha256 } of group) this.#running.delete(sha256);
          }),
      );
      for (const { sha256 } of group) this.#running.set(sha256, work);
      return work;
    });
  }
}

const isPacked = (blob: Blob | undefined) => blob !== undefined && blob.size <= PACKED_BYTES;

/** Blobs by the request that brings them: large ones alone, small ones by the pack. */
function inGroups(blobs: readonly Blob[]): Blob[][] {
  const groups = blobs.filter((blob) => !isPacked(blob)).map((blob) => [blob]);
  let pack: Blob[] = [];
  let bytes = 0;
  for (const blob of blobs.filter(isPacked)) {
    if (pack.length === MAX_PACKED || bytes + blob.size > FETCHED_BYTES) {
      groups.push(pack);
      [pack, bytes] = [[], 0];
    }
    pack.push(blob);
    bytes += blob.size;
  }
  if (pack.length > 0) groups.push(pack);
  return groups;
}

/** Each blob of a tree once, in the tree's order. */
export function blobsOf(entries: readonly TreeEntry[]): Blob[] {
  const blobs = new Map<string, Blob>(entries.map((entry) => [entry.sha256, entry]));
  return [...blobs.values()];
}
