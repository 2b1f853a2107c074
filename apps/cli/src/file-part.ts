import { closeSync } from "node:fs";
import { openLocal } from "./open-local.ts";
import type { LocalFile } from "./scan.ts";

/** `size` bytes of a file from `at` on, which are sent from where they lie. */
export interface FilePart {
  file: LocalFile;
  at: number;
  size: number;
}

/**
 * A part as the body of a request, to be closed when that has ended. The system sends it from its own cache: the bytes
 * need not be copied through this process. That they are those that were named is for the hub to see.
 */
export class PartBody {
  #descriptor: number | null = null;

  constructor(private readonly part: FilePart) {}

  /** For one try, the bytes as they are now. A descriptor that was read from gives others the next time. */
  open(): Blob {
    this.close();
    const { file, at, size } = this.part;
    this.#descriptor = openLocal(file).descriptor;
    return Bun.file(this.#descriptor).slice(at, at + size);
  }

  close() {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }
}
