import { ERROR_CLASSES } from "@podium/shared";
import { Counter, collectDefaultMetrics, Gauge, type Metric, Registry } from "prom-client";
import type { Tally } from "./observing/tally.ts";
import type { Desk } from "./protocol/desk.ts";
import type { Endpoint } from "./routing/endpoint.ts";

/**
 * What the gateway tells Prometheus; docs/reference/gateway-metrics.md lists all of it. Labels are endpoints and model
 * versions of the route table, statuses and fixed words: no caller can make up more series. Everything is read off at the
 * scrape: a request pays for none of the labels.
 */
export function createMetrics(desk: Desk, pendingReports: () => number): Registry {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 50 });
  new Counter({
    name: "podium_gateway_requests_total",
    help: "Answers, by endpoint and HTTP status",
    labelNames: ["endpoint", "status"],
    registers,
    collect() {
      this.reset();
      for (const { name, answers } of desk.routes.endpoints()) {
        for (const [status, count] of answers) this.inc({ endpoint: name, status: String(status) }, count);
      }
    },
  });
  perTally("podium_gateway_request_success_total", "Requests that a model answered with 200", (tally) => [
    [{}, tally.calls - sum(tally.errors)],
  ]);
  perTally(
    "podium_gateway_request_failure_total",
    "Requests that were answered with anything else",
    (tally) => ERROR_CLASSES.map((reason, index) => [{ reason }, tally.errors[index] ?? 0] as const),
  );
  perBinding(
    "podium_gateway_queue_depth",
    "Requests that wait for a replica",
    (binding) => binding.waiting.size,
  );
  perBinding(
    "podium_gateway_requests_in_flight",
    "Requests that a replica has and has not answered",
    (binding) => [...binding.replicas].reduce((all, { inFlight }) => all + inFlight, 0),
  );
  perBinding("podium_gateway_replicas", "Connected replicas", (binding) => binding.replicas.size);
  new Gauge({
    name: "podium_gateway_usage_reports_pending",
    help: "Usage reports on disk that the hub has not acknowledged",
    registers,
    collect() {
      this.set(pendingReports());
    },
  });
  register("podium_gateway_request_duration_seconds", "Time from request to answer", () =>
    endpoints().map((endpoint) => [{ endpoint: endpoint.name }, endpoint.latency]),
  );
  register("podium_gateway_batch_items", "Requests in one batch", () =>
    endpoints().flatMap((endpoint) =>
      endpoint.bindings.map((binding) => [labelsOf(endpoint, binding), binding.batchItems] as const),
    ),
  );
  duration("queue", "Time that a request waited for a replica", (tally) => tally.queue);
  duration("batch", "Time that its batch waited at the replica behind another", (tally) => tally.batch);
  duration("transport", "Time between gateway, runner and model, there and back", (tally) => tally.transport);
  duration("compute", "Time that the model's process worked on its batch", (tally) => tally.compute);
  return registry;

  function endpoints() {
    return [...desk.routes.endpoints()];
  }

  function perBinding(name: string, help: string, read: (binding: Endpoint["bindings"][number]) => number) {
    new Gauge({
      name,
      help,
      labelNames: ["endpoint", "version"],
      registers,
      collect() {
        this.reset();
        for (const endpoint of endpoints()) {
          for (const binding of endpoint.bindings) this.set(labelsOf(endpoint, binding), read(binding));
        }
      },
    });
  }

  /** Counters of every model version, and with an empty version of what came to none. */
  function perTally(name: string, help: string, read: (tally: Tally) => (readonly [Labels, number])[]) {
    new Counter({
      name,
      help,
      labelNames: ["endpoint", "version", "reason"],
      registers,
      collect() {
        this.reset();
        for (const [labels, tally] of tallies())
          for (const [more, value] of read(tally)) this.inc({ ...labels, ...more }, value);
      },
    });
  }

  function duration(stage: string, help: string, read: (tally: Tally) => Tally["queue"]) {
    register(`podium_gateway_${stage}_duration_seconds`, help, () =>
      endpoints().flatMap((endpoint) =>
        endpoint.bindings.map(
          (binding) => [labelsOf(endpoint, binding), read(binding.tally).inSeconds()] as const,
        ),
      ),
    );
  }

  function tallies(): (readonly [Labels, Tally])[] {
    return endpoints().flatMap((endpoint) => [
      [{ endpoint: endpoint.name, version: "" }, endpoint.tally] as const,
      ...endpoint.bindings.map((binding) => [labelsOf(endpoint, binding), binding.tally] as const),
    ]);
  }

  /** prom-client has no histogram that is filled from outside; the registry asks only for `name` and `get`. */
  function register(name: string, help: string, read: () => (readonly [Labels, Buckets])[]) {
    const values = () => read().flatMap(([labels, histogram]) => samplesOf(name, labels, histogram));
    const metric = {
      name,
      help,
      get: async () => ({ name, help, type: "histogram", aggregator: "sum", values: values() }),
    };
    registry.registerMetric(metric as unknown as Metric);
  }
}

type Labels = Record<string, string>;

/** Counts by upper bound, the last of what is above all of them; not cumulative. */
interface Buckets {
  buckets: readonly number[];
  counts: ArrayLike<number> & Iterable<number>;
  sum: number;
}

function labelsOf(endpoint: Endpoint, binding: { version: number }): Labels {
  return { endpoint: endpoint.name, version: String(binding.version) };
}

function samplesOf(name: string, labels: Labels, { buckets, counts, sum }: Buckets) {
  let total = 0;
  const samples = [...counts].map((count, index) => {
    total += count;
    return {
      metricName: `${name}_bucket`,
      labels: { ...labels, le: String(buckets[index] ?? "+Inf") },
      value: total,
    };
  });
  return [
    ...samples,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: total },
  ];
}

function sum(values: Float64Array): number {
  return values.reduce((all, value) => all + value, 0);
}
