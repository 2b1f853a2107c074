import type { Gauge } from "prom-client";
import type { Metrics } from "../metrics.ts";
import type { MachineUsage } from "./usage.ts";

/** Shows the machine's figures to Prometheus; what is not known is not shown. */
export function observeMachine({ machine }: Metrics, usage: MachineUsage): void {
  machine.cpu.set(usage.cpu_share);
  machine.memory.set(usage.memory_bytes);
  machine.diskFree.set(usage.disk_free_bytes);
  set(machine.disk, { direction: "read" }, usage.disk_read_bytes_per_second);
  set(machine.disk, { direction: "write" }, usage.disk_write_bytes_per_second);
  set(machine.network, { direction: "receive" }, usage.network_receive_bytes_per_second);
  set(machine.network, { direction: "send" }, usage.network_send_bytes_per_second);
  for (const device of usage.devices) {
    const labels = { gpu: String(device.index) };
    machine.gpuMemory.set(labels, device.memory_bytes);
    set(machine.gpu, labels, device.utilization);
    set(machine.gpuTemperature, labels, device.temperature_celsius);
    set(machine.gpuPower, labels, device.power_watts);
  }
}

function set(gauge: Gauge, labels: Record<string, string>, value: number | null) {
  if (value === null) gauge.remove(labels);
  else gauge.set(labels, value);
}
