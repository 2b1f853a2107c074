import { BlobNamer, packHeader, type Tree, type TreeEntry } from "@podium/shared";
import type { Blob } from "../data/blob.ts";
import type { BlobCache } from "../data/blob-cache.ts";
import { treeIdOf } from "../data/manifests.ts";
import { createDigest } from "../data/name-file.ts";
import type { TreeSource } from "../data/tree-store.ts";

export interface TestFile {
  bytes: Uint8Array;
  mode?: 0o755;
}
const bytesOf = (file: string | TestFile) =>
  typeof file === "string" ? new TextEncoder().encode(file) : file.bytes;

/** The name of these bytes as a blob. */
export function nameOf(bytes: Uint8Array | string): string {
  const namer = new BlobNamer(createDigest);
  namer.update(typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes);
  return namer.finish().sha256;
}

/** A hub that has exactly these trees, in memory; it counts what is asked of it and can fail. */
export class TestSource implements TreeSource {
  readonly #trees = new Map<string, Tree>();
  readonly #blobs = new Map<string, Uint8Array>();
  /** Names of the blobs handed out, in order. */
  readonly served: string[] = [];
  /** Offsets from which large blobs were asked for. */
  readonly offsets: number[] = [];
  /** Awaited before anything is handed out. */
  gate: () => Promise<void> = async () => {};
  /** A large blob breaks off after so many bytes. */
  breakAfter = Number.POSITIVE_INFINITY;
  /** Bytes with which a blob is handed out instead of its own. */
  readonly damaged = new Map<string, Uint8Array>();

  constructor(private readonly cache: BlobCache) {}

  add(files: Record<string, string | TestFile>): string {
    const entries = Object.entries(files).map(([path, file]): TreeEntry => {
      const bytes = bytesOf(file);
      this.#blobs.set(nameOf(bytes), bytes);
      const mode = typeof file === "string" ? 0o644 : (file.mode ?? 0o644);
      return { path, sha256: nameOf(bytes), size: bytes.byteLength, mode };
    });
    const id = treeIdOf(entries);
    this.#trees.set(id, { id, size: 0, entries });
    return id;
  }

  async tree(id: string) {
    const tree = this.#trees.get(id);
    if (!tree) throw new Error("no such tree");
    return tree;
  }

  async fetchBlob(blob: Blob, signal: AbortSignal) {
    await this.#pass(signal);
    await this.cache.receive(blob, async (from) => {
      this.offsets.push(from);
      return { from, bytes: this.#stream(blob.sha256, from, signal) };
    });
  }

  async fetchPack(blobs: readonly Blob[], signal: AbortSignal) {
    await this.#pass(signal);
    await this.cache.receivePack(blobs, this.#pack(blobs));
  }

  async #pass(signal: AbortSignal) {
    await this.gate();
    signal.throwIfAborted();
  }

  async *#stream(sha256: string, from: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const bytes = this.#take(sha256);
    for (let at = from; at < bytes.byteLength; at += 1024 ** 2) {
      signal.throwIfAborted();
      if (at - from >= this.breakAfter) throw new Error("the line is dead");
      yield bytes.slice(at, at + 1024 ** 2);
    }
  }

  async *#pack(blobs: readonly Blob[]): AsyncGenerator<Uint8Array> {
    for (const { sha256 } of blobs) {
      const bytes = this.#take(sha256);
      yield packHeader(sha256, bytes.byteLength);
      yield bytes;
    }
  }

  #take(sha256: string): Uint8Array {
    this.served.push(sha256);
    return this.damaged.get(sha256) ?? this.#blobs.get(sha256) ?? new Uint8Array();
  }
}
