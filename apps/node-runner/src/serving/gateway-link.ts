import {
  type BatchFrame,
  type CancelFrame,
  encodeFrame,
  FrameJoiner,
  type ModelSignature,
  type ResultItem,
} from "@podium/shared";
import { Backoff } from "../hub/backoff.ts";
import { dialWebSocket, refusedStatus } from "../hub/web-socket.ts";
import type { Log } from "../log.ts";
import type { Timings } from "./timings.ts";

/** Who this replica is, as the gateway gets to know it. */
export interface ReplicaHello {
  binding_id: string;
  attempt_id: string;
  epoch: number;
  signature: ModelSignature;
}

export interface GatewayLinkOptions {
  url: string;
  token: string;
  hello: ReplicaHello;
  random: () => number;
  log: Log;
  /** @param tail of the frame, in the pieces that it came in */
  onBatch(link: GatewayLink, frame: BatchFrame, tail: readonly Uint8Array[]): void;
  /** Nobody waits any more for these items of a batch; without them: for none of it. */
  onCancel(link: GatewayLink, batch: number, items?: number[]): void;
  /** It has just become able to answer pulls, or has ceased to be. */
  onChange(link: GatewayLink): void;
}

type GatewayFrame = BatchFrame | { type: "drain" } | CancelFrame;

/** The outbound WebSocket of one replica to one gateway; dials again with backoff until it is closed. */
export class GatewayLink {
  /** Pulls that the gateway has not answered with a batch yet. */
  pulls = 0;
  /** Counts the connections: a batch of an earlier one must not be answered on a later one. */
  generation = 0;
  #socket: WebSocket | null = null;
  #retry: Timer | null = null;
  #closed = false;
  #draining = false;
  readonly #backoff: Backoff;

  constructor(private readonly options: GatewayLinkOptions) {
    this.#backoff = new Backoff(options.random);
    this.#dial();
  }

  get canPull() {
    return this.#socket?.readyState === WebSocket.OPEN && !this.#draining;
  }

  pull(maxItems: number) {
    this.pulls++;
    this.#socket?.send(encodeFrame({ type: "pull", max_items: maxItems }));
  }

  result(batch: number, items: readonly ResultItem[], tail: Uint8Array, timings: Timings) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(encodeFrame({ type: "result", batch, items, ...timings }, [tail]));
  }

  chunk(batch: number, tail: Uint8Array, timings: Timings) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(encodeFrame({ type: "chunk", batch, ...timings }, [tail]));
  }

  /** @param code one of `REPLICA_CLOSE` */
  close(code: number) {
    this.#closed = true;
    if (this.#retry) clearTimeout(this.#retry);
    this.#socket?.close(code);
    this.#socket = null;
  }

  #dial() {
    const { url, token, hello, log } = this.options;
    const socket = dialWebSocket(`${url.replace(/\/+$/, "")}/replicas`, token);
    this.#socket = socket;
    this.generation++;
    const joiner = new FrameJoiner<GatewayFrame>();
    socket.onopen = () => {
      this.#backoff.reset();
      this.#draining = false;
      socket.send(encodeFrame({ type: "hello", ...hello, joins: true }));
      this.options.onChange(this);
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (!(event.data instanceof ArrayBuffer)) return log.warn({ gateway: url }, "a gateway sent text");
      this.#receive(joiner, new Uint8Array(event.data));
    };
    socket.onerror = (event) => {
      const status = refusedStatus(event);
      if (status) log.warn({ gateway: url, status }, "a gateway refused this replica");
      else log.debug({ gateway: url }, "a gateway can't be reached");
    };
    socket.onclose = () => {
      this.pulls = 0;
      if (this.#closed || this.#socket !== socket) return;
      this.#socket = null;
      this.options.onChange(this);
      this.#retry = setTimeout(() => this.#dial(), this.#backoff.next());
    };
  }

  #receive(joiner: FrameJoiner<GatewayFrame>, bytes: Uint8Array) {
    try {
      const frame = joiner.push(bytes);
      if (!frame) return;
      const { meta, tail } = frame;
      if (meta.type === "drain") {
        this.#draining = true;
      } else if (meta.type === "batch") {
        this.pulls = Math.max(0, this.pulls - 1);
        this.options.onBatch(this, meta, tail);
      } else if (meta.type === "cancel") {
        this.options.onCancel(this, meta.batch, meta.items);
      }
    } catch (error) {
      this.options.log.warn({ err: error, gateway: this.options.url }, "a gateway sent a malformed frame");
      this.#socket?.close(1002);
    }
  }
}
