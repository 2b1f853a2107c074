import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** What the hub tells Prometheus about itself. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 50 });
  return {
    registry,
    requests: new Histogram({
      name: "podium_http_request_duration_seconds",
      help: "Time from request to answer",
      labelNames: ["method", "route", "status"],
      buckets: [0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers: [registry],
    }),
    deadJobs: new Counter({
      name: "podium_jobs_dead_total",
      help: "Jobs that failed on their last attempt; each needs a person",
      labelNames: ["queue"],
      registers: [registry],
    }),
    collected: new Counter({
      name: "podium_garbage_removed_total",
      help: "Trees, blobs and packs removed because nothing named them",
      labelNames: ["kind"],
      registers: [registry],
    }),
    collectedBytes: new Counter({
      name: "podium_garbage_freed_bytes_total",
      help: "Bytes of the objects removed because nothing named them",
      registers: [registry],
    }),
    sessions: new Gauge({
      name: "podium_sessions",
      help: "Sessions that have not ended, by state",
      labelNames: ["state"],
      registers: [registry],
    }),
    devices: new Gauge({
      name: "podium_devices",
      help: "Devices of ready nodes, by use",
      labelNames: ["use"],
      registers: [registry],
    }),
    leader: new Gauge({
      name: "podium_scheduler_leader",
      help: "1 on the hub that leads the scheduler",
      registers: [registry],
    }),
  };
}
export type Metrics = ReturnType<typeof createMetrics>;
