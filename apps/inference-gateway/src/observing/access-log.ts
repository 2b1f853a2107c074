import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import pino, { type Logger } from "pino";
import { keyIdOf } from "../admission/check-key.ts";
import type { Visit } from "./visit.ts";

/** Lines wait in memory until there are so many bytes of them, or this long. */
const BUFFER_BYTES = 12 * 1024;
const FLUSH_EVERY_MS = 1_000;
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

type Destination = ReturnType<typeof pino.destination>;

/** One JSON line an answered request. No bodies, no headers, no query, no key: only the id of the key. */
export class AccessLog {
  readonly #log: Logger;
  readonly #timer: Timer;

  private constructor(private readonly destination: Destination) {
    this.#log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
    this.#timer = setInterval(() => destination.flush(), FLUSH_EVERY_MS);
    this.#timer.unref();
  }

  /** @param target `stdout`, or the path of a file. Throws a readable error when it can't be written. */
  static async open(target: string): Promise<AccessLog> {
    if (target !== "stdout") await tryOut(target);
    const dest = target === "stdout" ? 1 : target;
    return new AccessLog(pino.destination({ dest, append: true, minLength: BUFFER_BYTES, sync: false }));
  }

  /** A request to an endpoint. Durations in ms. */
  visited(visit: Visit, status: number, ms: number) {
    const { call, request, endpoint, binding, pass, trace } = visit;
    const { headers } = request;
    const declared = Number(headers.get("content-length"));
    const bytesIn = declared > 0 ? declared : (call?.work.body.byteLength ?? 0);
    const answered = status === 200 && call !== null;
    this.#log.info({
      request_id: visit.id,
      method: request.method,
      path: pathOf(request.url),
      endpoint: endpoint.name,
      version: call?.version || (binding?.version ?? null),
      // Who was refused is worth a second look at the header; the others' calls are not slowed by it.
      key: pass ? pass.keyId : keyIdOf(endpoint, headers),
      status,
      bytes_in: bytesIn,
      bytes_out: visit.bytesOut,
      ms: thousandths(ms),
      ...(answered ? stagesOf(call) : {}),
      trace_id: trace?.traceId ?? traceIdOf(headers),
    });
  }

  /** Any other request. */
  answered(request: Request, requestId: string, status: number, ms: number) {
    const { method, url, headers } = request;
    const trace_id = traceIdOf(headers);
    this.#log.info({
      request_id: requestId,
      method,
      path: pathOf(url),
      status,
      ms: thousandths(ms),
      trace_id,
    });
  }

  /** Goes on in a new file under the same name: whoever rotates logs has moved the old one away. */
  reopen() {
    this.destination.flushSync();
    this.destination.reopen();
  }

  /** The last lines to the disk. */
  async close() {
    clearInterval(this.#timer);
    this.destination.flushSync();
    const closed = new Promise<void>((resolve) => this.destination.once("close", resolve));
    this.destination.end();
    await closed;
  }
}

async function tryOut(path: string) {
  try {
    await mkdir(dirname(path), { recursive: true });
    await (await open(path, "a")).close();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `PODIUM_GATEWAY_ACCESS_LOG (${path}) can't be written: ${reason}. Name a file that this user may write, stdout or off.`,
    );
  }
}

function stagesOf(call: NonNullable<Visit["call"]>) {
  return {
    queue_ms: thousandths(call.queueMs),
    batch_ms: thousandths(call.heldMs),
    transport_ms: thousandths(call.transportMs),
    compute_ms: thousandths(call.computeMs),
    batch_size: call.batchSize,
  };
}

function pathOf(url: string): string {
  const start = url.indexOf("/", "https://".length);
  const query = url.indexOf("?", start);
  return query < 0 ? url.slice(start) : url.slice(start, query);
}

function traceIdOf(headers: Headers): string | undefined {
  return TRACEPARENT.exec(headers.get("traceparent") ?? "")?.[1];
}

function thousandths(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
