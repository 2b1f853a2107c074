import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { BlobNamer } from "@podium/shared";
import type { Blob } from "./blob.ts";
import type { BlobCache } from "./blob-cache.ts";
import { syncContents, syncNames } from "./durable.ts";
import { createDigest } from "./name-file.ts";
import { inSlices } from "./slices.ts";

/**
 * Files that are named while they are written and enter the cache together, with one sync for all of them. Each is
 * pinned once from the moment it has its name.
 */
export class BlobBatch {
  readonly #staged: { temporary: string; blob: Blob }[] = [];

  constructor(private readonly cache: BlobCache) {}

  /** Writes one file from pieces, which the caller may use again after each, and answers what it is called. */
  async add(pieces: AsyncIterable<Uint8Array>): Promise<Blob> {
    const temporary = this.cache.temporaryPath();
    const namer = new BlobNamer(createDigest);
    const file = openSync(temporary, "wx", 0o444);
    try {
      for await (const piece of pieces) {
        namer.update(piece);
        for (let at = 0; at < piece.byteLength; ) at += writeSync(file, piece, at);
      }
    } catch (error) {
      unlinkSync(temporary);
      throw error;
    } finally {
      closeSync(file);
    }
    const { sha256, size } = namer.finish();
    this.cache.pin(sha256);
    this.#staged.push({ temporary, blob: { sha256, size } });
    return { sha256, size };
  }

  /** Puts all of them into the cache; when it returns they survive a power cut. */
  async file() {
    await syncContents(this.#staged.map(({ temporary }) => temporary));
    const filed = this.#staged.splice(0);
    await inSlices(filed, ({ temporary, blob }) => this.cache.file(temporary, blob));
    await syncNames(filed.map(({ blob }) => this.cache.path(blob.sha256)));
  }

  /** Deletes what was not filed, and takes the pins back. */
  discard() {
    for (const { temporary, blob } of this.#staged.splice(0)) {
      unlinkSync(temporary);
      this.cache.unpin(blob.sha256);
    }
  }
}
