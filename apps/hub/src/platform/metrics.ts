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
    boardRowsRepaired: new Counter({
      name: "podium_leaderboard_rows_repaired_total",
      help: "Rows of leaderboards that were other than their submissions give: there should be none",
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
    machines: machineGauges(registry),
    leader: new Gauge({
      name: "podium_scheduler_leader",
      help: "1 on the hub that leads the scheduler",
      registers: [registry],
    }),
  };
}

/** Figures of every node and its devices, as it said last. */
function machineGauges(registry: Registry) {
  const gauge = (name: string, help: string, labelNames: string[]) =>
    new Gauge({ name: `podium_${name}`, help, labelNames, registers: [registry] });
  return {
    up: gauge("node_up", "1 for a ready node, 0 for a lost or draining one", ["node"]),
    cpu: gauge("node_cpu_share", "Busy share of all cores", ["node"]),
    memory: gauge("node_memory_used_bytes", "Memory in use", ["node"]),
    diskFree: gauge("node_disk_free_bytes", "Free space of the runner's file system", ["node"]),
    disk: gauge("node_disk_bytes_per_second", "Traffic of the runner's disk", ["node", "direction"]),
    network: gauge("node_network_bytes_per_second", "Traffic of the network cards", ["node", "direction"]),
    gpu: gauge("gpu_utilization", "Busy share of a GPU", ["node", "gpu"]),
    gpuMemory: gauge("gpu_memory_used_bytes", "Memory of a GPU in use", ["node", "gpu"]),
    gpuTemperature: gauge("gpu_temperature_celsius", "Temperature of a GPU", ["node", "gpu"]),
    gpuPower: gauge("gpu_power_watts", "Power that a GPU draws", ["node", "gpu"]),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
