import { DomainError, type StreamRequest } from "@podium/shared";
import type { Terminal } from "../executors/terminal.ts";
import { dialStream, type StreamLink } from "../hub/stream-link.ts";
import type { Log } from "../log.ts";
import type { Attempt } from "./attempt.ts";

export interface StreamsOptions {
  hubUrl: string;
  nodeToken: string;
  log: Log;
  attempt(id: string): Attempt | undefined;
}

/** Shells and code that people have sent into sessions of this machine, each over a connection of its own. */
export class Streams {
  readonly #seen = new Set<string>();
  readonly #open = new Map<string, StreamLink>();

  constructor(private readonly options: StreamsOptions) {}

  /** The hub's latest word on who waits. Each is served once, however often it is said. */
  accept(requests: readonly StreamRequest[]) {
    const listed = new Set<string>(requests.map((request) => request.stream_id));
    for (const id of this.#seen) if (!listed.has(id) && !this.#open.has(id)) this.#seen.delete(id);
    for (const request of requests) {
      if (this.#seen.has(request.stream_id)) continue;
      this.#seen.add(request.stream_id);
      this.#serve(request).catch((error) => this.options.log.error({ err: error }, "a stream failed"));
    }
  }

  close() {
    for (const link of this.#open.values()) link.close();
  }

  async #serve(request: StreamRequest) {
    const { hubUrl, nodeToken } = this.options;
    const attempt = this.options.attempt(request.attempt_id);
    if (!attempt) return;
    const link = await dialStream(hubUrl, nodeToken, request.stream_id);
    if (!link) return;
    this.#open.set(request.stream_id, link);
    try {
      if (request.kind === "exec") await execute(link, attempt, request.code ?? "");
      else await shell(link, attempt, request);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      link.exit(null, error.message);
    } finally {
      this.#open.delete(request.stream_id);
      link.close();
    }
  }
}

const NOT_RUNNING = { ok: false, text: "The session does not run here any more.\n" };

async function execute(link: StreamLink, attempt: Attempt, code: string) {
  const { ok, text } = (await attempt.running?.execute(code)) ?? NOT_RUNNING;
  link.send(new TextEncoder().encode(text));
  link.exit(ok ? 0 : 1, null);
}

async function shell(link: StreamLink, attempt: Attempt, { cols, rows }: StreamRequest) {
  const terminal: Terminal = await attempt.enter({ cols, rows }, (bytes) => link.send(bytes));
  link.onData = (bytes) => terminal.write(bytes);
  link.onControl = (message) => {
    if (message.type === "resize") terminal.resize(message);
    if (message.type === "ack") terminal.acknowledge(message.bytes);
  };
  link.onClose = () => terminal.close();
  if (link.isClosed) terminal.close();
  link.exit(await terminal.ended, null);
}
