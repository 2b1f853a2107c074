import type { Socket } from "bun";

export interface RawAnswer {
  status: number;
  headers: Map<string, string>;
  body: Buffer;
}

/** One connection for one request: so many at once as no HTTP client lets be under way. */
export class RawCaller {
  readonly #answer = Promise.withResolvers<RawAnswer | null>();
  #socket: Socket | null = null;
  #received: Buffer[] = [];
  #unsent: Uint8Array = new Uint8Array(0);
  #left = false;

  static async connect(url: string): Promise<RawCaller> {
    const { hostname, port } = new URL(url);
    const caller = new RawCaller();
    caller.#answer.promise.catch(() => {});
    caller.#socket = await Bun.connect({
      hostname,
      port: Number(port),
      socket: {
        data: (_socket, bytes) => caller.#take(Buffer.from(bytes)),
        drain: () => caller.#flush(),
        close: () => caller.#closed(),
        error: (_socket, error) => caller.#answer.reject(error),
      },
    });
    return caller;
  }

  /** Resolves with the answer; null when this caller left before. */
  post(
    path: string,
    headers: Record<string, string>,
    body: Uint8Array | string,
    leaveAfterMs?: number,
  ): Promise<RawAnswer | null> {
    const bytes = Buffer.from(body);
    const lines = Object.entries({ host: "gateway", ...headers, "content-length": String(bytes.length) });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    this.#unsent = Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${head}\r\n`), bytes]);
    this.#flush();
    if (leaveAfterMs !== undefined) setTimeout(() => this.#leave(), leaveAfterMs);
    return this.#answer.promise;
  }

  #flush() {
    const written = this.#unsent.length > 0 ? (this.#socket?.write(this.#unsent) ?? 0) : 0;
    this.#unsent = this.#unsent.subarray(Math.max(0, written));
  }

  #leave() {
    this.#left = true;
    this.#socket?.terminate();
    this.#answer.resolve(null);
  }

  #take(bytes: Buffer) {
    this.#received.push(bytes);
    const answer = parse(Buffer.concat(this.#received));
    if (!answer) return;
    this.#answer.resolve(answer);
    this.#socket?.end();
  }

  #closed() {
    if (this.#left) this.#answer.resolve(null);
    else this.#answer.reject(new Error(`closed after: ${Buffer.concat(this.#received)}`));
  }
}

/** An answer of a known length; null while it is not whole. */
function parse(bytes: Buffer): RawAnswer | null {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [first = "", ...lines] = bytes.subarray(0, end).toString().split("\r\n");
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const length = Number(headers.get("content-length") ?? 0);
  const body = bytes.subarray(end + 4);
  return body.length < length ? null : { status: Number(first.split(" ")[1]), headers, body };
}
