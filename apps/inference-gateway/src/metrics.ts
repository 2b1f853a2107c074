import { ERROR_CLASSES } from "@podium/shared";
import { collectDefaultMetrics, Registry } from "prom-client";
import { readOff, readOffHistogram } from "./observing/read-off.ts";
import type { Tally } from "./observing/tally.ts";
import type { Desk } from "./protocol/desk.ts";
import type { Endpoint } from "./routing/endpoint.ts";

type Binding = Endpoint["bindings"][number];
type Labels = Record<string, string>;

/**
 * What the gateway tells Prometheus; docs/reference/gateway-metrics.md lists all of it. Labels are endpoints and model
 * versions of the route table, statuses and fixed words: no caller can make up more series. Everything is read off at the
 * scrape: a request pays for none of the labels.
 */
export function createMetrics(desk: Desk, pendingReports: () => number): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 50 });
  const endpoints = () => [...desk.routes.endpoints()];
  addCounters(registry, endpoints);
  addGauges(registry, endpoints, pendingReports);
  addHistograms(registry, endpoints);
  return registry;
}

function addCounters(registry: Registry, endpoints: () => Endpoint[]) {
  const tallies = () => endpoints().flatMap(talliesOf);
  readOff(registry, "counter", "podium_gateway_requests_total", "Answers, by endpoint and HTTP status", () =>
    endpoints().flatMap(({ name, answers }) =>
      [...answers].map(([status, count]) => [{ endpoint: name, status: String(status) }, count] as const),
    ),
  );
  readOff(
    registry,
    "counter",
    "podium_gateway_request_success_total",
    "Requests that a model answered with 200",
    () => tallies().map(([labels, { calls, errors }]) => [labels, calls - sum(errors)] as const),
  );
  readOff(
    registry,
    "counter",
    "podium_gateway_request_failure_total",
    "Requests that were answered with anything else",
    () =>
      tallies().flatMap(([labels, { errors }]) =>
        ERROR_CLASSES.map((reason, index) => [{ ...labels, reason }, errors[index] ?? 0] as const),
      ),
  );
}

function addGauges(registry: Registry, endpoints: () => Endpoint[], pendingReports: () => number) {
  const perBinding = (name: string, help: string, read: (binding: Binding) => number) =>
    readOff(registry, "gauge", name, help, () =>
      bindingsOf(endpoints()).map(([labels, binding]) => [labels, read(binding)] as const),
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
  readOff(
    registry,
    "gauge",
    "podium_gateway_usage_reports_pending",
    "Usage reports on disk that the hub has not acknowledged",
    () => [[{}, pendingReports()]],
  );
}

function addHistograms(registry: Registry, endpoints: () => Endpoint[]) {
  readOffHistogram(registry, "podium_gateway_request_duration_seconds", "Time from request to answer", () =>
    endpoints().map(({ name, latency }) => [{ endpoint: name }, latency] as const),
  );
  readOffHistogram(registry, "podium_gateway_batch_items", "Requests in one batch", () =>
    bindingsOf(endpoints()).map(([labels, { batchItems }]) => [labels, batchItems] as const),
  );
  const stage = (name: "queue" | "batch" | "transport" | "compute", help: string) =>
    readOffHistogram(registry, `podium_gateway_${name}_duration_seconds`, help, () =>
      bindingsOf(endpoints()).map(([labels, { tally }]) => [labels, tally[name].inSeconds()] as const),
    );
  stage("queue", "Time that a request waited for a replica");
  stage("batch", "Time that its batch waited at the replica behind another");
  stage("transport", "Time between gateway, runner and model, there and back");
  stage("compute", "Time that the model's process worked on its batch");
}

function bindingsOf(endpoints: Endpoint[]): (readonly [Labels, Binding])[] {
  return endpoints.flatMap(({ name, bindings }) =>
    bindings.map((binding) => [{ endpoint: name, version: String(binding.version) }, binding] as const),
  );
}

/** Those of every model version, and with an empty version of what came to none. */
function talliesOf(endpoint: Endpoint): (readonly [Labels, Tally])[] {
  return [
    [{ endpoint: endpoint.name, version: "" }, endpoint.tally],
    ...bindingsOf([endpoint]).map(([labels, { tally }]) => [labels, tally] as const),
  ];
}

function sum(values: Float64Array): number {
  return values.reduce((all, value) => all + value, 0);
}
