import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type GatewayNews, gatewayNewsSchema } from "@podium/shared";

/** What the hub last told of other gateways and of keys' use: limits hold by it when a gateway starts without the hub. */
export class NewsFile {
  readonly #path: string;
  #written = "";

  constructor(folder: string) {
    this.#path = join(folder, "news.json");
  }

  /** Null when there is none that can be read: the hub tells again within seconds. */
  async read(): Promise<GatewayNews | null> {
    try {
      return gatewayNewsSchema.parse(JSON.parse(await readFile(this.#path, "utf8")));
    } catch {
      return null;
    }
  }

  /** Replaces the file whole, when something is new. Rejects when it can't be written. */
  async write(news: GatewayNews) {
    const text = JSON.stringify(news);
    if (text === this.#written) return;
    await writeFile(`${this.#path}.partial`, text, { mode: 0o600 });
    await rename(`${this.#path}.partial`, this.#path);
    this.#written = text;
  }
}
