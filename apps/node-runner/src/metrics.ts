import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** What the runner tells Prometheus about itself. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 50 });
  return {
    registry,
    connected: new Gauge({ name: "podium_runner_hub_connected", help: "1 while the hub answers", registers }),
    attempts: new Gauge({
      name: "podium_runner_attempts",
      help: "Attempts on this machine, by state",
      labelNames: ["state"],
      registers,
    }),
    startSeconds: new Histogram({
      name: "podium_runner_start_seconds",
      help: "Time from assignment to a running process",
      buckets: [0.05, 0.1, 0.2, 0.5, 1, 5, 30, 120, 600],
      registers,
    }),
    spooled: new Counter({ name: "podium_runner_records_spooled_total", help: "Records on disk", registers }),
    sent: new Counter({
      name: "podium_runner_records_sent_total",
      help: "Records the hub acknowledged",
      registers,
    }),
    sendFailures: new Counter({
      name: "podium_runner_send_failures_total",
      help: "Posts of records that have to be repeated",
      registers,
    }),
    fetchedBytes: new Counter({
      name: "podium_runner_fetched_bytes_total",
      help: "Bytes of blobs fetched",
      registers,
    }),
    environmentBuilds: new Counter({
      name: "podium_runner_environment_builds_total",
      help: "Builds of environments, by how they ended",
      labelNames: ["outcome"],
      registers,
    }),
    cacheBytes: new Gauge({ name: "podium_runner_cache_bytes", help: "Bytes of cached blobs", registers }),
    machine: machineGauges(registers),
    batches: new Counter({
      name: "podium_runner_batches_total",
      help: "Batches computed by replicas",
      registers,
    }),
    batchItems: new Counter({
      name: "podium_runner_batch_items_total",
      help: "Requests in those batches",
      registers,
    }),
  };
}

/** Figures of the machine and its GPUs, as heartbeats carry them. */
function machineGauges(registers: Registry[]) {
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `podium_runner_${name}`, help, labelNames, registers });
  return {
    cpu: gauge("cpu_share", "Busy share of all cores"),
    memory: gauge("memory_used_bytes", "Memory in use"),
    diskFree: gauge("disk_free_bytes", "Free space of the data folder's file system"),
    disk: gauge("disk_bytes_per_second", "Traffic of the data folder's disk", ["direction"]),
    network: gauge("network_bytes_per_second", "Traffic of the network cards", ["direction"]),
    gpu: gauge("gpu_utilization", "Busy share of a GPU", ["gpu"]),
    gpuMemory: gauge("gpu_memory_used_bytes", "Memory of a GPU in use", ["gpu"]),
    gpuTemperature: gauge("gpu_temperature_celsius", "Temperature of a GPU", ["gpu"]),
    gpuPower: gauge("gpu_power_watts", "Power that a GPU draws", ["gpu"]),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
