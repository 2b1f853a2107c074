import type { Assignment, BatchFrame, ModelSignature, ResultItem } from "@podium/shared";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import { GatewayLink } from "./gateway-link.ts";

/** One batch is computed while the next one waits at the model: the network is never waited for. */
const MAX_OUTSTANDING = 2;
const DRAIN_POLL_MS = 10;

export interface ReplicaOptions {
  attempt_id: string;
  epoch: number;
  signature: ModelSignature;
  random: () => number;
  log: Log;
  metrics: Metrics;
  /** Hands a batch to the model; false when its process is not connected. */
  compute(frame: BatchFrame, tail: Uint8Array): boolean;
}

/** A loaded model that asks every gateway of its endpoint for work. */
export class Replica {
  readonly #links = new Map<string, GatewayLink>();
  /** batches at the model: our number → whose it is, and its number there */
  readonly #outstanding = new Map<number, { link: GatewayLink; generation: number; batch: number }>();
  #nextBatch = 1;
  #maxItems = 1;
  #draining = false;

  constructor(private readonly options: ReplicaOptions) {}

  /** Dials the gateways that are new and leaves those that are gone; none any more once it has begun to drain. */
  connect(serving: NonNullable<Assignment["serving"]>) {
    if (this.#draining) return;
    const { attempt_id, epoch, signature, random, log } = this.options;
    this.#maxItems = serving.max_batch;
    for (const [url, link] of this.#links) {
      if (serving.gateways.includes(url)) continue;
      link.close();
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
        onChange: () => this.#pull(),
      });
      this.#links.set(url, link);
    }
    this.#pull();
  }

  /** The model's answers to a batch go back to the gateway that it came from. */
  result(batch: number, items: readonly ResultItem[], tail: Uint8Array) {
    const origin = this.#outstanding.get(batch);
    if (!origin) return;
    this.#outstanding.delete(batch);
    // Asking comes first: the next batch is on its way while this answer is written.
    this.#pull();
    if (origin.generation === origin.link.generation) origin.link.result(origin.batch, items, tail);
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
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
    this.#outstanding.clear();
  }

  #batch(link: GatewayLink, frame: BatchFrame, tail: Uint8Array) {
    const batch = this.#nextBatch++;
    this.#outstanding.set(batch, { link, generation: link.generation, batch: frame.batch });
    this.options.metrics.batches.inc();
    this.options.metrics.batchItems.inc(frame.items.length);
    if (!this.options.compute({ type: "batch", batch, items: frame.items }, tail)) this.close();
  }

  /**
   * Every gateway has one open pull while there is room for another batch, and together they have as many as there
   * is room for. A pull can't be taken back, so with many gateways a few batches more may arrive at once.
   */
  #pull() {
    if (this.#draining || this.#outstanding.size >= MAX_OUTSTANDING) return;
    const links = [...this.#links.values()].filter((link) => link.canPull);
    for (const link of links) if (link.pulls === 0) link.pull(this.#maxItems);
    let room = MAX_OUTSTANDING - this.#outstanding.size - links.reduce((sum, link) => sum + link.pulls, 0);
    for (const link of links) if (room-- > 0) link.pull(this.#maxItems);
  }
}
