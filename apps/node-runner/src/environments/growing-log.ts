import { open } from "node:fs/promises";
import { isErrno } from "../data/files.ts";

const READ_BYTES = 64 * 1024;
/** A longer line is cut. */
const MAX_LINE = 16 * 1024;

/** Reads a file that somebody else writes, line by line, as it grows. */
export class GrowingLog {
  readonly #decoder = new TextDecoder("utf-8");
  #position = 0;
  #rest = "";

  /** The file need not be there yet. */
  constructor(private readonly path: string) {}

  /** Lines that have been completed since the last call; with `last`, also the one that was not. */
  async read(last = false): Promise<string[]> {
    const lines: string[] = [];
    for (let bytes = await this.#next(); bytes.byteLength > 0; bytes = await this.#next()) {
      const parts = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split(/\r?\n/);
      this.#rest = parts.pop() ?? "";
      lines.push(...parts);
      if (this.#rest.length > MAX_LINE) lines.push(this.#takeRest());
    }
    if (last && this.#rest !== "") lines.push(this.#takeRest());
    return lines.map((line) => line.slice(0, MAX_LINE).replaceAll("\0", "\uFFFD"));
  }

  #takeRest(): string {
    const rest = this.#rest;
    this.#rest = "";
    return rest;
  }

  async #next(): Promise<Uint8Array> {
    try {
      const file = await open(this.path, "r");
      try {
        const { bytesRead, buffer } = await file.read(
          new Uint8Array(READ_BYTES),
          0,
          READ_BYTES,
          this.#position,
        );
        this.#position += bytesRead;
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    } catch (error) {
      if (isErrno(error, "ENOENT")) return new Uint8Array(0);
      throw error;
    }
  }
}
