import { MAX_PACKED, PACK_BYTES, packHeader } from "@podium/shared";

const HEADER_BYTES = packHeader("0".repeat(64), 0).byteLength;

interface Held {
  sha256: string;
  size: number;
  /** Where its bytes begin; its pack header stands before them. */
  at: number;
}

/**
 * Small files on their way to the hub, in one buffer that is used again and again: files are read straight into it, in the
 * form in which a pack carries them, so that a push needs the same little memory for any number of files.
 */
export class TransferBatch {
  #bytes: Buffer | null = null;
  #held: Held[] = [];
  #used = 0;

  get #buffer(): Buffer {
    this.#bytes ??= Buffer.allocUnsafeSlow(PACK_BYTES + MAX_PACKED * HEADER_BYTES);
    return this.#bytes;
  }

  get names(): string[] {
    return this.#held.map(({ sha256 }) => sha256);
  }

  get isEmpty() {
    return this.#held.length === 0;
  }

  /** Where a file of up to `size` bytes can be read into, or null when there is no room for it any more. */
  room(size: number): Buffer | null {
    if (this.#held.length === MAX_PACKED) return null;
    const at = this.#used + HEADER_BYTES;
    return at + size <= this.#buffer.byteLength ? this.#buffer.subarray(at, at + size) : null;
  }

  /** Keeps the first `size` bytes of what was read into the room. */
  keep(sha256: string, size: number) {
    const at = this.#used + HEADER_BYTES;
    this.#buffer.set(packHeader(sha256, size), this.#used);
    this.#held.push({ sha256, size, at });
    this.#used = at + size;
  }

  /** The wanted blobs as one pack, or null. What was in the buffer is moved together: to be called last. */
  pack(wanted: ReadonlySet<string>): { bytes: Buffer; content: number } | null {
    let end = 0;
    let content = 0;
    for (const { sha256, size, at } of this.#held) {
      if (!wanted.has(sha256)) continue;
      this.#buffer.copyWithin(end, at - HEADER_BYTES, at + size);
      end += HEADER_BYTES + size;
      content += size;
    }
    return end === 0 ? null : { bytes: this.#buffer.subarray(0, end), content };
  }

  /** Gives the memory back until it is needed again. */
  release() {
    this.#bytes = null;
  }

  clear() {
    this.#held = [];
    this.#used = 0;
  }
}
