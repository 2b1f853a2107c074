import { open, stat } from "node:fs/promises";
import { isErrno } from "../data/files.ts";

const READ_BYTES = 64 * 1024;
/** A longer line is cut. */
const MAX_LINE = 16 * 1024;
/** A writer that is quicker than the reader must not keep it reading. */
const PIECES_AT_ONCE = 64;

/** Reads a file that somebody else writes, line by line, as it grows. */
export class GrowingLog {
  readonly #decoder = new TextDecoder("utf-8");
  #position = 0;
  #rest = "";

  /** The file need not be there yet. */
  constructor(private readonly path: string) {}

  /**
   * Lines that have been completed since the last call, of some megabytes at most; with `last` all of them, also the one
   * that was not completed.
   */
  async *lines(last = false): AsyncGenerator<string> {
    for (let pieces = 0; last || pieces < PIECES_AT_ONCE; pieces++) {
      const bytes = await this.#next();
      if (bytes.byteLength === 0) break;
      const parts = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split(/\r?\n/);
      this.#rest = parts.pop() ?? "";
      for (const line of parts) yield cut(line);
      if (this.#rest.length > MAX_LINE) yield cut(this.#takeRest());
    }
    if (last && this.#rest !== "") yield cut(this.#takeRest());
  }

  /** Passes over all but the last bytes of what has not been read; the first line after that may lack its beginning. */
  async skipTo(lastBytes: number) {
    const { size } = await stat(this.path);
    if (size - lastBytes <= this.#position) return;
    this.#position = size - lastBytes;
    this.#rest = "";
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

const cut = (line: string) => line.slice(0, MAX_LINE).replaceAll("\0", "\uFFFD");
