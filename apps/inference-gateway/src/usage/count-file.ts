import { open, rename } from "node:fs/promises";

const SLOT_BYTES = 128;
const NAME_BYTES = 96;
const SLOTS = 16_384;
const COUNTS_AT = NAME_BYTES / Float64Array.BYTES_PER_ELEMENT;
const SLOT_NUMBERS = SLOT_BYTES / Float64Array.BYTES_PER_ELEMENT;
const NAME = /^end_[0-9a-f]{32}(\/key_[0-9a-f]{32})?$/;

/** Calls and failed calls of one name: two numbers in a file that is mapped into memory. */
export type Counts = Float64Array;

/**
 * Running counts in a memory-mapped file: counting is one store, without a system call, and what was stored is the
 * kernel's, so that it outlasts this process however it ends. A power failure may lose what was not yet written back.
 */
export class CountFile {
  #used = 0;
  readonly #byName = new Map<string, Counts>();

  private constructor(private readonly bytes: Uint8Array) {}

  /**
   * Opens a file, or makes it whole with zeros: writing to a hole of a full disk would end the process.
   * Throws when it can't be written or mapped.
   */
  static async open(path: string): Promise<CountFile> {
    if (!(await Bun.file(path).exists())) await makeWhole(path);
    const file = new CountFile(Bun.mmap(path, { shared: true }));
    file.#load();
    return file;
  }

  /** The counts of a name, made when there are none; null when the file is full. */
  of(name: string): Counts | null {
    const known = this.#byName.get(name);
    if (known) return known;
    if (this.#used === SLOTS) return null;
    const start = this.#used * SLOT_BYTES;
    this.bytes.set(Buffer.from(name.padEnd(NAME_BYTES)), start);
    return this.#take(name);
  }

  entries(): Iterable<[string, Counts]> {
    return this.#byName.entries();
  }

  #load() {
    while (this.#used < SLOTS) {
      const start = this.#used * SLOT_BYTES;
      const name = Buffer.from(this.bytes.subarray(start, start + NAME_BYTES))
        .toString("latin1")
        .trim();
      if (NAME.test(name)) this.#take(name);
      else if (name.replaceAll("\0", "") === "") return;
      else this.#used += 1; // torn by a power failure
    }
  }

  #take(name: string): Counts {
    const numbers = new Float64Array(
      this.bytes.buffer,
      this.bytes.byteOffset + this.#used * SLOT_NUMBERS * Float64Array.BYTES_PER_ELEMENT,
      SLOT_NUMBERS,
    );
    const counts = numbers.subarray(COUNTS_AT, COUNTS_AT + 2);
    this.#byName.set(name, counts);
    this.#used += 1;
    return counts;
  }
}

async function makeWhole(path: string) {
  const partial = `${path}.partial`;
  const file = await open(partial, "w", 0o600);
  try {
    await file.writeFile(new Uint8Array(SLOTS * SLOT_BYTES));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(partial, path);
}
