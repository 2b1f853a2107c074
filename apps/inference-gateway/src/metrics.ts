import { Counter, collectDefaultMetrics, Gauge, type Metric, Registry } from "prom-client";
import type { Histogram } from "./histogram.ts";
import type { Desk } from "./protocol/desk.ts";
import type { Endpoint } from "./routing/endpoint.ts";

/** What the gateway tells Prometheus. Everything is read off at the scrape: a request pays for none of the labels. */
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
  perBinding(
    "podium_gateway_queue_depth",
    "Requests that wait for a replica",
    (binding) => binding.waiting.size,
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

  /** prom-client has no histogram that is filled from outside; the registry asks only for `name` and `get`. */
  function register(name: string, help: string, read: () => (readonly [Labels, Histogram])[]) {
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

function labelsOf(endpoint: Endpoint, binding: { version: number }): Labels {
  return { endpoint: endpoint.name, version: String(binding.version) };
}

function samplesOf(name: string, labels: Labels, { buckets, counts, sum }: Histogram) {
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
