import type { TreeSource } from "./tree-store.ts";

/** Less than this measures how long a request takes, not how much a second brings. */
const ENOUGH_BYTES = 8 * 1024 ** 2;
/** Whenever so much has been counted all of it counts half, so that what was measured lately weighs more. */
const FADE_BYTES = 1024 ** 3;

/** Measures what this machine fetches a second: bytes over the time in which at least one fetch was under way. */
export class FetchMeter {
  #bytes = 0;
  #busyMs = 0;
  #running = 0;
  #sinceMs = 0;

  constructor(private readonly elapsedMs: () => number) {}

  /** Null until enough has been fetched. */
  get bytesPerSecond(): number | null {
    return this.#bytes < ENOUGH_BYTES || this.#busyMs <= 0 ? null : (this.#bytes / this.#busyMs) * 1000;
  }

  /** The same source, with every fetch measured. */
  measured(source: TreeSource): TreeSource {
    return {
      ...source,
      fetchBlob: (blob, signal) => this.#count(blob.size, () => source.fetchBlob(blob, signal)),
      fetchPack: (pack, signal) => {
        const bytes = pack.reduce((sum, { size }) => sum + size, 0);
        return this.#count(bytes, () => source.fetchPack(pack, signal));
      },
    };
  }

  async #count(bytes: number, fetch: () => Promise<void>) {
    this.#begin();
    try {
      await fetch();
      this.#bytes += bytes;
    } finally {
      this.#end();
    }
  }

  #begin() {
    if (this.#running === 0) this.#sinceMs = this.elapsedMs();
    this.#running++;
  }

  #end() {
    this.#running--;
    if (this.#running > 0) return;
    this.#busyMs += this.elapsedMs() - this.#sinceMs;
    if (this.#bytes < FADE_BYTES) return;
    this.#bytes /= 2;
    this.#busyMs /= 2;
  }
}
