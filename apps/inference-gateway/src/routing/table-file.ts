import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { type RouteTable, routeTableSchema } from "@podium/shared";

/** The last route table on disk, by which a gateway serves when it starts while the hub is away. */
export class TableFile {
  readonly #path: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(folder: string) {
    this.#path = join(folder, "routes.json");
  }

  /** Null when there is none. Throws when it is there and can't be read as a table. */
  async read(): Promise<RouteTable | null> {
    let text: string;
    try {
      text = await readFile(this.#path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
    return routeTableSchema.parse(JSON.parse(text));
  }

  /** Replaces the file whole: a crash leaves the old table or the new one, never half of one. */
  write(table: RouteTable): Promise<void> {
    const written = this.#writing.then(() => this.#write(table));
    this.#writing = written.catch(() => {});
    return written;
  }

  async #write(table: RouteTable) {
    const partial = `${this.#path}.partial`;
    const file = await open(partial, "w", 0o600);
    try {
      await file.writeFile(JSON.stringify(table));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, this.#path);
  }
}
