import { type Files, wheel } from "./wheel.ts";

/** A package index of a test's own: what the operator's mirror is to a node. */
export class PackageIndex {
  readonly requests: string[] = [];
  readonly #wheels = new Map<string, Uint8Array>();
  readonly #server: Bun.Server<undefined>;

  /** On an address of this machine. */
  constructor(private readonly address = "127.0.0.1") {
    this.#server = Bun.serve({
      hostname: address,
      port: 0,
      fetch: (request) => this.#answer(new URL(request.url).pathname),
    });
  }

  /** What pip's `--index-url` takes. */
  get url() {
    return `http://${this.address}:${this.#server.port}/simple`;
  }

  add(name: string, modules: Record<string, string>) {
    for (const [path, bytes] of Object.entries<Files[string]>(wheel(name, "1.0", modules)))
      this.#wheels.set(path.replace("wheels/", ""), Uint8Array.from(Buffer.from(bytes)));
  }

  close() {
    return this.#server.stop(true);
  }

  #answer(path: string): Response {
    this.requests.push(path);
    const [, folder, name = ""] = path.split("/");
    const file = this.#wheels.get(name);
    if (folder === "files" && file) return new Response(Uint8Array.from(file));
    const links = [...this.#wheels.keys()]
      .filter((wheelName) => wheelName.startsWith(`${name}-`))
      .map((wheelName) => `<a href="/files/${wheelName}">${wheelName}</a>`);
    if (links.length === 0) return new Response("no such package", { status: 404 });
    return new Response(`<!DOCTYPE html><html><body>${links.join("")}</body></html>`, {
      headers: { "content-type": "text/html" },
    });
  }
}
