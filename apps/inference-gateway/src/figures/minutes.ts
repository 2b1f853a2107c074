import { BATCH_BUCKETS, type MinuteFigures } from "@podium/shared";
import type { Binding } from "../batching/binding.ts";
import type { Tally } from "../observing/tally.ts";
import type { Endpoint } from "../routing/endpoint.ts";

interface Tallies {
  endpoints(): Iterable<Endpoint>;
  bindings(): Iterable<Binding>;
}

/** What a tally counted when it was last looked at, and the longest queue since. */
interface Known {
  endpointId: string;
  before: Counts;
  maxWaiting: number;
}
type Counts = Omit<MinuteFigures, "endpoint_id" | "version" | "max_waiting">;

const EMPTY: Counts = {
  calls: 0,
  errors: [],
  latency: [],
  batches: [],
  batched: 0,
  latency_ms: 0,
  queue_ms: 0,
  batch_ms: 0,
  transport_ms: 0,
  compute_ms: 0,
};

/** Cuts what the tallies count into minutes: each is the difference to the minute before, so that requests pay once. */
export class Minutes {
  readonly #known = new Map<Endpoint | Binding, Known>();

  constructor(private readonly routes: Tallies) {}

  /** Looks how much waits now. Called often enough to see queues that come and go. */
  look() {
    for (const binding of this.routes.bindings()) {
      const known = this.#knownOf(binding, binding.endpointId);
      known.maxWaiting = Math.max(known.maxWaiting, binding.waiting.size);
    }
  }

  /** What happened since it was last asked, of each version where anything did. */
  take(): MinuteFigures[] {
    for (const endpoint of this.routes.endpoints()) this.#knownOf(endpoint, endpoint.id);
    for (const binding of this.routes.bindings()) this.#knownOf(binding, binding.endpointId);
    const live = new Set<Endpoint | Binding>([...this.routes.endpoints(), ...this.routes.bindings()]);
    const figures: MinuteFigures[] = [];
    for (const [source, known] of this.#known) {
      const now = countsOf(source);
      const change = difference(now, known.before);
      const { endpointId, maxWaiting } = known;
      known.before = now;
      known.maxWaiting = 0;
      if (change.calls > 0 || change.batched > 0 || maxWaiting > 0) {
        const version = "version" in source ? source.version : 0;
        figures.push({
          endpoint_id: endpointId as MinuteFigures["endpoint_id"],
          version,
          ...change,
          max_waiting: maxWaiting,
        });
      } else if (!live.has(source)) this.#known.delete(source);
    }
    return figures;
  }

  #knownOf(source: Endpoint | Binding, endpointId: string): Known {
    let known = this.#known.get(source);
    if (!known) {
      known = { endpointId, before: EMPTY, maxWaiting: 0 };
      this.#known.set(source, known);
    }
    return known;
  }
}

function countsOf(source: { tally: Tally; batchItems?: Binding["batchItems"] }): Counts {
  const { calls, errors, latency, queue, batch, transport, compute } = source.tally;
  return {
    calls,
    errors: [...errors],
    latency: [...latency.counts],
    batches: [...(source.batchItems?.counts ?? NO_BATCHES)],
    batched: source.batchItems?.sum ?? 0,
    latency_ms: latency.sumMs,
    queue_ms: queue.sumMs,
    batch_ms: batch.sumMs,
    transport_ms: transport.sumMs,
    compute_ms: compute.sumMs,
  };
}

const NO_BATCHES = new Float64Array(BATCH_BUCKETS);

function difference(now: Counts, before: Counts): Counts {
  const less = (a: number[], b: number[]) => a.map((value, index) => value - (b[index] ?? 0));
  return {
    calls: now.calls - before.calls,
    errors: less(now.errors, before.errors),
    latency: less(now.latency, before.latency),
    batches: less(now.batches, before.batches),
    batched: now.batched - before.batched,
    latency_ms: Math.max(0, now.latency_ms - before.latency_ms),
    queue_ms: Math.max(0, now.queue_ms - before.queue_ms),
    batch_ms: Math.max(0, now.batch_ms - before.batch_ms),
    transport_ms: Math.max(0, now.transport_ms - before.transport_ms),
    compute_ms: Math.max(0, now.compute_ms - before.compute_ms),
  };
}
