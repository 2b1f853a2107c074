import type { Api } from "./client.ts";

const RECONNECT_MS = 1_000;

/**
 * A stream of the hub's change notices (server-sent events). A notice says only that something changed; the caller
 * then fetches it. The stream reconnects by itself, and every connection begins with `open`, so nothing is missed.
 */
export class ChangeStream {
  readonly #abort = new AbortController();
  readonly #seen = new Set<string>();
  #wake: (() => void) | undefined;

  constructor(
    private readonly api: Api,
    private readonly path: string,
  ) {
    void this.#run();
  }

  /** Names of the notices since the last call; waits for one, at most this long. Empty after the wait, or when closed. */
  async next(atMostMs: number): Promise<Set<string>> {
    if (this.#seen.size === 0 && !this.#abort.signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, atMostMs);
      this.#wake = resolve;
      await promise;
      clearTimeout(timer);
    }
    const names = new Set(this.#seen);
    this.#seen.clear();
    return names;
  }

  close(): void {
    this.#abort.abort();
    this.#wake?.();
  }

  async #run(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      try {
        await this.#read();
      } catch {
        // Broken off: the next connection's `open` makes the caller fetch what it missed.
      }
      if (!this.#abort.signal.aborted) await Bun.sleep(RECONNECT_MS);
    }
  }

  async #read(): Promise<void> {
    const response = await this.api.raw(this.path, {
      headers: { Accept: "text/event-stream" },
      signal: this.#abort.signal,
    });
    if (!response.ok || response.body === null) return;
    let rest = "";
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      const lines = (rest + decoder.decode(piece.value, { stream: true })).split(/\r?\n/);
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.startsWith("event:")) this.#notice(line.slice(6).trim());
    }
  }

  #notice(name: string): void {
    this.#seen.add(name);
    this.#wake?.();
  }
}
