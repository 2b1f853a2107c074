import { DomainError } from "@podium/shared";
import type { Blob } from "../data/blob.ts";
import type { BlobCache } from "../data/blob-cache.ts";
import type { TreeSource } from "../data/tree-store.ts";
import { Backoff } from "./backoff.ts";
import { type HubClient, HubUnavailable, type OnBehalf } from "./client.ts";

const DAMAGED_TRIES = 3;

/**
 * Trees and blobs of one attempt, fetched from the hub. While the hub can't be reached it waits and tries again,
 * until the signal aborts; what the hub refuses is thrown at once.
 */
export function attemptSource(
  hub: HubClient,
  on: OnBehalf,
  blobs: BlobCache,
  random: () => number,
  onBytes: (bytes: number) => void,
): TreeSource {
  return {
    tree: (treeId, signal) => untilAnswered(() => hub.tree(on, treeId, signal), random, signal),
    async fetchBlob(blob, signal) {
      await undamaged(() => untilAnswered(() => receiveOnce(blob, signal), random, signal));
      onBytes(blob.size);
    },
    async fetchPack(pack, signal) {
      await undamaged(() => untilAnswered(() => receiveMissing(pack, signal), random, signal));
      onBytes(pack.reduce((sum, { size }) => sum + size, 0));
    },
  };

  async function receiveOnce(blob: Blob, signal: AbortSignal) {
    await blobs.receive(blob, async (offset) => {
      const { from, stream } = await hub.blob(on, blob.sha256, offset, signal);
      return { from, bytes: broken(stream) };
    });
  }

  /** After a pack that broke off or was damaged, only what is still missing is asked for. */
  async function receiveMissing(pack: readonly Blob[], signal: AbortSignal) {
    for (let missing = [...pack]; missing.length > 0; ) {
      const stream = await hub.pack(
        on,
        missing.map(({ sha256 }) => sha256),
        signal,
      );
      await blobs.receivePack(missing, broken(stream));
      const left = await blobs.missing(missing, signal);
      if (left.length === missing.length)
        throw new HubUnavailable("The hub sent none of the files asked for.");
      missing = left;
    }
  }
}

/** Bytes that arrive damaged are asked for again a few times: then it is not the network. */
async function undamaged(receive: () => Promise<void>) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await receive();
    } catch (error) {
      const damaged = error instanceof DomainError && error.code === "hash_mismatch";
      if (!damaged || attempt === DAMAGED_TRIES) throw error;
    }
  }
}

/** A connection that breaks off in the middle is the hub being unavailable, not a fault of this machine. */
async function* broken(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    const reader = stream.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } catch (error) {
    throw new HubUnavailable(`The transfer broke off: ${error instanceof Error ? error.message : error}`);
  }
}

/** Repeats a call with backoff for as long as the hub is unavailable; `onWait` hears why, each time. */
export async function untilAnswered<T>(
  call: () => Promise<T>,
  random: () => number,
  signal: AbortSignal,
  onWait: (error: HubUnavailable) => void = () => undefined,
): Promise<T> {
  const backoff = new Backoff(random);
  for (;;) {
    signal.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof HubUnavailable)) throw error;
      onWait(error);
      await waitFor(backoff.next(), signal);
    }
  }
}

/** Sleeps, or returns early when the signal aborts. */
export function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const onAbort = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
