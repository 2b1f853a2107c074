import { decodeFrame, encodeFrame, type ReplicaMessage, replicaMessageSchema } from "@podium/shared";
import type { ServerWebSocket } from "bun";

export interface Answer {
  status: number;
  body: string;
}

interface Call {
  body: string;
  done: (answer: Answer) => void;
}

/** The gateway's side of the replica contract: queues requests and hands them out when a replica pulls. */
export class TestGateway {
  readonly hellos: Extract<ReplicaMessage, { type: "hello" }>[] = [];
  readonly batchSizes: number[] = [];
  /** that its replicas' connections ended with */
  readonly closeCodes: number[] = [];
  /** that batches are said to have */
  timeMs: number | null = null;
  readonly #server;
  readonly #queue: Call[] = [];
  #pulls: { socket: ServerWebSocket<undefined>; max: number }[] = [];
  readonly #batches = new Map<number, { socket: ServerWebSocket<undefined>; calls: Call[] }>();
  #sockets = new Set<ServerWebSocket<undefined>>();
  #batch = 0;

  constructor(token: string) {
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: (request, server) => {
        const isReplica = request.headers.get("authorization") === `Bearer ${token}`;
        if (new URL(request.url).pathname !== "/replicas" || !isReplica)
          return new Response(null, { status: 401 });
        return server.upgrade(request) ? undefined : new Response(null, { status: 400 });
      },
      websocket: {
        open: (socket) => {
          this.#sockets.add(socket);
        },
        close: (socket, code) => {
          this.#sockets.delete(socket);
          this.closeCodes.push(code);
          this.#left(socket);
        },
        message: (socket, data) => this.#message(socket, typeof data === "string" ? Buffer.from(data) : data),
      },
    });
  }

  get url() {
    return `ws://127.0.0.1:${this.#server.port}`;
  }
  get openPulls() {
    return this.#pulls.length;
  }
  get replicas() {
    return this.#sockets.size;
  }

  /** One request of an end user. */
  call(body: string): Promise<Answer> {
    return new Promise((done) => {
      this.#queue.push({ body, done });
      this.#hand();
    });
  }

  /** Nobody waits any more for these items of the latest batch. */
  cancel(...items: number[]) {
    const socket = this.#batches.get(this.#batch)?.socket;
    socket?.send(encodeFrame({ type: "cancel", batch: this.#batch, items }));
  }

  /** Breaks every replica's connection, as a gateway that is restarted does. */
  breakConnections() {
    this.#pulls = [];
    for (const socket of this.#sockets) socket.terminate();
  }

  async close() {
    await this.#server.stop(true);
  }

  #message(socket: ServerWebSocket<undefined>, bytes: Uint8Array) {
    const { meta, tail } = decodeFrame(bytes);
    const message = replicaMessageSchema.parse(meta);
    if (message.type === "hello") this.hellos.push(message);
    else if (message.type === "chunk") throw new Error("No call of this gateway asks for a stream.");
    else if (message.type === "pull") this.#pulls.push({ socket, max: message.max_items });
    else this.#result(message.batch, message.items, tail);
    this.#hand();
  }

  /** What a replica that is gone did not answer is given to another one. */
  #left(socket: ServerWebSocket<undefined>) {
    this.#pulls = this.#pulls.filter((pull) => pull.socket !== socket);
    for (const [batch, handed] of this.#batches) {
      if (handed.socket !== socket) continue;
      this.#batches.delete(batch);
      this.#queue.unshift(...handed.calls);
    }
    this.#hand();
  }

  #result(batch: number, items: { status: number; length: number }[], tail: Uint8Array) {
    let offset = 0;
    const calls = this.#batches.get(batch)?.calls ?? [];
    this.#batches.delete(batch);
    items.forEach(({ status, length }, index) => {
      calls[index]?.done({ status, body: new TextDecoder().decode(tail.subarray(offset, offset + length)) });
      offset += length;
    });
  }

  #hand() {
    while (this.#queue.length > 0) {
      const pull = this.#pulls.shift();
      if (!pull) return;
      const taken = this.#queue.splice(0, pull.max);
      this.#batch++;
      this.#batches.set(this.#batch, { socket: pull.socket, calls: taken });
      this.batchSizes.push(taken.length);
      const bodies = taken.map((request) => new TextEncoder().encode(request.body));
      const items = bodies.map((body) => ({ kind: "json", length: body.byteLength }));
      const time = this.timeMs === null ? {} : { time_ms: this.timeMs };
      pull.socket.send(encodeFrame({ type: "batch", batch: this.#batch, items, ...time }, bodies));
    }
  }
}
