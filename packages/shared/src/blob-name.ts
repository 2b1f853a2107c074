/** A file of at most this many bytes is one blob; a larger one is stored and moved in chunks of this size. */
export const CHUNK_BYTES = 8 * 1024 ** 2;

/** An incremental hash function; the caller brings it, so that this package does no I/O and runs in a browser. */
export interface Digest {
  update(bytes: Uint8Array): unknown;
  digest(encoding: "hex"): string;
}
export type DigestFactory = (algorithm: "sha256" | "sha512-256") => Digest;

/** What a file is called, with the chunks to move when it is larger than one. */
export interface BlobName {
  /** SHA-256 of the bytes; of a file over `CHUNK_BYTES` the name that its chunks give it (`nameOfChunks`). */
  sha256: string;
  size: number;
  /** SHA-256 of each chunk, in order; null for a file that is one blob. */
  chunks: string[] | null;
}

/**
 * The name of a file of several chunks: SHA-512/256 (FIPS 180-4) of their SHA-256 digests, 32 bytes each, in order.
 * Another hash function than a blob's own, so that no blob can be made that has a chunked file's name.
 */
export function nameOfChunks(chunks: readonly string[], create: DigestFactory): string {
  const digest = create("sha512-256");
  for (const chunk of chunks) digest.update(bytesOfHex(chunk));
  return digest.digest("hex");
}

/** Names a file from its bytes, given piece by piece in any sizes: one pass, nothing kept. */
export class BlobNamer {
  readonly #chunks: string[] = [];
  #current: Digest;
  #inChunk = 0;
  #size = 0;

  constructor(private readonly create: DigestFactory) {
    this.#current = create("sha256");
  }

  update(bytes: Uint8Array) {
    this.#size += bytes.byteLength;
    for (let at = 0; at < bytes.byteLength; ) {
      // A chunk is closed when the next one begins, so that a file that ends with a chunk has no empty one behind.
      if (this.#inChunk === CHUNK_BYTES) this.#closeChunk();
      const part = bytes.subarray(at, at + CHUNK_BYTES - this.#inChunk);
      this.#current.update(part);
      this.#inChunk += part.byteLength;
      at += part.byteLength;
    }
  }

  /** To be called once. */
  finish(): BlobName {
    this.#closeChunk();
    const [only, ...others] = this.#chunks;
    if (only !== undefined && others.length === 0) return { sha256: only, size: this.#size, chunks: null };
    return { sha256: nameOfChunks(this.#chunks, this.create), size: this.#size, chunks: this.#chunks };
  }

  #closeChunk() {
    this.#chunks.push(this.#current.digest("hex"));
    this.#current = this.create("sha256");
    this.#inChunk = 0;
  }
}

function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) =>
    Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16),
  );
}
