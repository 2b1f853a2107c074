import {
  type Assignment,
  type BatchFrame,
  type ModelSignature,
  REPLICA_CLOSE,
  type ResultItem,
} from "@podium/shared";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import { GatewayLink } from "./gateway-link.ts";
import { microsecondsOf, type Timings, timingsOf } from "./timings.ts";

/** One batch is computed while the next one waits at the model: the network is never waited for. */
const MAX_OUTSTANDING = 2;
const DRAIN_POLL_MS = 10;
const LOOK_EVERY_MS = 1_000;
/** The SDK interrupts an `infer` that takes too long; what it can't interrupt (native code) is ended so much later. */
const HANG_GRACE_MS = 10_000;
/** No endpoint lets its callers wait longer. */
const LONGEST_CALL_MS = 600_000;

export interface ReplicaOptions {
  attempt_id: string;
  epoch: number;
  signature: ModelSignature;
  random: () => number;
  log: Log;
  clock: Clock;
  metrics: Metrics;
  /** Hands a batch to the model; false when its process is not connected. */
  compute(frame: BatchFrame, tail: readonly Uint8Array[]): boolean;
  /** Tells the model that nobody waits any more for these items of a batch; without them: for none of it. */
  cancel(batch: number, items?: number[]): void;
  /** The model has not come back for longer than anybody waits. */
  onHang(): void;
}

interface Outstanding {
  link: GatewayLink;
  /** of the link, when the batch came */
  generation: number;
  /** its number at the gateway */
  batch: number;
  streams: boolean;
  /** that the model may still compute it */
  patienceMs: number;
  /** when it went to the model, monotonic milliseconds */
  cameAt: number;
  /** a streamed answer has begun */
  begun: boolean;
}

/** A loaded model that asks every gateway of its endpoint for work. */
export class Replica {
  readonly #links = new Map<string, GatewayLink>();
  /** batches at the model, by our number */
  readonly #outstanding = new Map<number, Outstanding>();
  #streams = 0;
  /** when the model gave its latest answer, monotonic milliseconds */
  #freeAt = 0;
  #nextBatch = 1;
  #maxItems = 1;
  /** that a streamed answer may take; null: as long as it goes on */
  #streamMs: number | null = null;
  #draining = false;
  readonly #watch = setInterval(() => this.#lookForHang(), LOOK_EVERY_MS);

  constructor(private readonly options: ReplicaOptions) {}

  /** Dials the gateways that are new and leaves those that are gone; none any more once it has begun to drain. */
  connect(serving: NonNullable<Assignment["serving"]>) {
    if (this.#draining) return;
    const { attempt_id, epoch, signature, random, log } = this.options;
    this.#maxItems = serving.max_batch;
    // The server of ONNX files computes a streamed answer as any other, and sends it as one piece.
    this.#streamMs = serving.onnx ? (serving.call_ms ?? LONGEST_CALL_MS) : null;
    for (const [url, link] of this.#links) {
      if (serving.gateways.includes(url)) continue;
      link.close(REPLICA_CLOSE.leaves);
      this.#links.delete(url);
    }
    for (const url of serving.gateways) {
      if (this.#links.has(url)) continue;
      const link = new GatewayLink({
        url,
        token: serving.replica_token,
        hello: { binding_id: serving.binding_id, attempt_id, epoch, signature },
        random,
        log,
        onBatch: (from, frame, tail) => this.#batch(from, frame, tail),
        onCancel: (from, batch, items) => this.#cancel(from, batch, items),
        onChange: () => this.#pull(),
      });
      this.#links.set(url, link);
    }
    this.#pull();
  }

  /**
   * The model's answers to a batch go back to the gateway that it came from.
   * @param computeUs how long the model's process says that it took
   */
  result(batch: number, items: readonly ResultItem[], tail: Uint8Array, computeUs?: unknown) {
    const origin = this.#outstanding.get(batch);
    if (!origin) return;
    this.#outstanding.delete(batch);
    const timings = this.#timings(origin, computeUs);
    if (origin.streams) this.#streams--;
    // Asking comes first: the next batch is on its way while this answer is written.
    this.#pull();
    if (origin.generation === origin.link.generation) origin.link.result(origin.batch, items, tail, timings);
  }

  /** A piece of a streamed answer goes where its request came from. */
  chunk(batch: number, tail: Uint8Array, computeUs?: unknown) {
    const origin = this.#outstanding.get(batch);
    if (!origin || origin.generation !== origin.link.generation) {
      this.options.cancel(batch);
      return;
    }
    const timings = origin.begun ? {} : this.#timings(origin, computeUs);
    origin.begun = true;
    origin.link.chunk(origin.batch, tail, timings);
  }

  /** Asks for no more work and waits, up to `ms`, until what it has is answered. Then leaves the gateways. */
  async drain(ms: number) {
    this.#draining = true;
    for (let waited = 0; waited < ms && this.#outstanding.size > 0; waited += DRAIN_POLL_MS) {
      await Bun.sleep(DRAIN_POLL_MS);
    }
    this.close();
  }

  /** Leaves the gateways; they give what was not answered to another replica. */
  close() {
    this.#end(REPLICA_CLOSE.leaves);
  }

  /** The model's process is gone. Gateways give what it worked on to another replica, but not again and again. */
  died() {
    this.#end(REPLICA_CLOSE.modelDied);
  }

  #end(code: number) {
    // The hub goes on naming its gateways until it knows of the end: they are not dialled again.
    this.#draining = true;
    clearInterval(this.#watch);
    for (const link of this.#links.values()) link.close(code);
    this.#links.clear();
    for (const batch of this.#outstanding.keys()) this.options.cancel(batch);
    this.#outstanding.clear();
    this.#streams = 0;
  }

  #batch(link: GatewayLink, frame: BatchFrame, tail: readonly Uint8Array[]) {
    const batch = this.#nextBatch++;
    const streams = frame.items[0]?.stream === true;
    const patienceMs = (frame.time_ms ?? this.#streamMs ?? Infinity) + HANG_GRACE_MS;
    const cameAt = this.options.clock.elapsedMs();
    const { generation } = link;
    const origin = { link, generation, batch: frame.batch, streams, patienceMs, cameAt, begun: false };
    this.#outstanding.set(batch, origin);
    if (streams) this.#streams++;
    this.options.metrics.batches.inc();
    this.options.metrics.batchItems.inc(frame.items.length);
    if (this.options.compute({ ...frame, batch }, tail)) {
      if (streams) this.#pull();
    } else if (this.#outstanding.size > 1) this.died();
    // Its process is gone, and had nothing to do: this batch never got there.
    else this.close();
  }

  /** Only the batch that is computed loses patience: the one behind it waits for it. */
  #lookForHang() {
    for (const batch of this.#outstanding.values()) {
      if (batch.streams && this.#streamMs === null) continue;
      batch.patienceMs -= LOOK_EVERY_MS;
      if (batch.patienceMs < 0) this.options.onHang();
      return;
    }
  }

  #timings({ cameAt }: Outstanding, computeUs: unknown): Timings {
    const now = this.options.clock.elapsedMs();
    const timings = timingsOf(cameAt, this.#freeAt, now, microsecondsOf(computeUs));
    this.#freeAt = now;
    return timings;
  }

  #cancel(link: GatewayLink, batch: number, items?: number[]) {
    for (const [own, origin] of this.#outstanding) {
      const isIt = origin.batch === batch && origin.link === link && origin.generation === link.generation;
      if (isIt) this.options.cancel(own, items);
    }
  }

  /**
   * Every gateway has one open pull while there is room for another batch, and together they have as many as there
   * is room for. Streamed answers take up none: the gateway bounds them. A pull can't be taken back, so with many gateways a few batches more may arrive at once.
   */
  #pull() {
    const computing = this.#outstanding.size - this.#streams;
    if (this.#draining || computing >= MAX_OUTSTANDING) return;
    const links = [...this.#links.values()].filter((link) => link.canPull);
    for (const link of links) if (link.pulls === 0) link.pull(this.#maxItems);
    let room = MAX_OUTSTANDING - computing - links.reduce((sum, link) => sum + link.pulls, 0);
    for (const link of links) if (room-- > 0) link.pull(this.#maxItems);
  }
}
