import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { removeFolder } from "../data/remove.ts";
import type { Log } from "../log.ts";
import { formatVolume } from "./volume.ts";

const MOST_SIZES = 8;
/** A launch is not slowed down by the spare for the next one. */
const REPLACE_AFTER_MS = 500;

/**
 * Volumes that are made before a session asks for them: mkfs takes some 20 ms of a launch. One of each of the sizes that
 * were asked for last; those that an earlier runner left are deleted, since it may have made them only half.
 */
export class SpareVolumes {
  /** size in bytes → its file, least recently asked for first */
  readonly #spares = new Map<number, string>();
  #making: Promise<void> = Promise.resolve();
  #made = 0;

  private constructor(
    private readonly folder: string,
    private readonly log: Log,
  ) {}

  static async open(folder: string, log: Log): Promise<SpareVolumes> {
    await removeFolder(folder);
    await mkdir(folder, { mode: 0o700 });
    return new SpareVolumes(folder, log);
  }

  /** Puts an empty volume at `image`, on the same disk as the spares; nothing may be there. Throws what the tools said. */
  async take(image: string, bytes: number) {
    const spare = this.#spares.get(bytes);
    this.#spares.delete(bytes);
    // It may be gone: a disk that is full is made room on by hand.
    const isTaken = spare !== undefined && (await rename(spare, image).then(...TRUE_OR_FALSE));
    if (!isTaken) await formatVolume(image, bytes);
    this.#making = this.#making.then(() => this.#replace(bytes));
  }

  /** Settles when every spare that was taken is replaced. */
  replaced(): Promise<void> {
    return this.#making;
  }

  async #replace(bytes: number) {
    await Bun.sleep(REPLACE_AFTER_MS);
    if (this.#spares.has(bytes)) return;
    const image = join(this.folder, `${this.#made++}.img`);
    try {
      await formatVolume(image, bytes);
      this.#spares.set(bytes, image);
      await this.#dropOldest();
    } catch (error) {
      this.log.warn({ err: error, bytes }, "no disk could be made ahead of the next session");
      await rm(image, { force: true }).catch(() => {});
    }
  }

  async #dropOldest() {
    for (const [bytes, image] of [...this.#spares].slice(0, -MOST_SIZES)) {
      this.#spares.delete(bytes);
      await rm(image, { force: true });
    }
  }
}

const TRUE_OR_FALSE = [() => true, () => false] as const;
