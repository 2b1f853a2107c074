import { afterAll, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeUsageSchema } from "@podium/shared";
import { createMetrics } from "../metrics.ts";
import { NvidiaSmi } from "./nvidia.ts";
import { observeMachine } from "./observe.ts";
import { Machine } from "./usage.ts";

const folder = mkdtempSync(join(tmpdir(), "podium-machine-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SETTINGS = { cpu_milli: undefined, memory_bytes: undefined, executor: "process" as const };

function clockAt(ms: number) {
  return { now: () => new Date(ms), elapsedMs: () => ms, set: (to: number) => (ms = to) };
}

/** Stands in for the NVIDIA driver's program. */
function smiThat(script: string) {
  const program = join(folder, "nvidia-smi");
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  return new NvidiaSmi(program, 2000);
}

const TWO_GPUS = `case "$1" in
  --query-gpu=*) echo "0, GPU-a, A100, 40960, 95, 10, 30, 50.0"; echo "3, GPU-b, A100, 40960, [N/A], 0, [N/A], [N/A]" ;;
  *) echo "GPU-b, ${process.pid}, 512"; echo "GPU-gone, 5, 1" ;;
esac`;

test("a heartbeat's figures name devices by their index, and processes without a session", async () => {
  const clock = clockAt(0);
  const machine = await Machine.open(folder, SETTINGS, clock, smiThat(TWO_GPUS));
  try {
    clock.set(2000);
    const usage = await machine.usage();
    expect(machine.devices.map(({ index }) => index)).toEqual([0, 3]);
    expect(usage.devices).toMatchObject([
      { index: 0, utilization: 0.95, power_watts: 50 },
      { index: 3, utilization: null, temperature_celsius: null },
    ]);
    expect(usage.processes).toEqual([
      { device: 3, pid: process.pid, memory_bytes: 512 * 1024 ** 2, attempt_id: null },
    ]);
    expect(usage.disk_bytes ?? 0).toBeGreaterThan(usage.disk_free_bytes);
    const sent = JSON.parse(JSON.stringify({ ...usage, fetch_bytes_per_second: null }));
    expect(nodeUsageSchema.parse(sent)).toEqual(sent);

    const metrics = createMetrics();
    observeMachine(metrics, usage);
    const text = await metrics.registry.metrics();
    expect(text).toContain('podium_runner_gpu_utilization{gpu="0"} 0.95');
    expect(text).not.toContain('podium_runner_gpu_utilization{gpu="3"}');
  } finally {
    machine.close();
  }
});

test("devices of a driver that stopped answering stay, their figures are unknown", async () => {
  const clock = clockAt(0);
  const machine = await Machine.open(folder, SETTINGS, clock, smiThat(TWO_GPUS));
  try {
    clock.set(31_000);
    expect((await machine.usage()).devices).toMatchObject([
      { index: 0, utilization: null, power_watts: null },
      { index: 3, utilization: null },
    ]);
    expect(machine.capacity().devices).toHaveLength(2);
  } finally {
    machine.close();
  }
});

test("a machine without the program has no devices", async () => {
  const machine = await Machine.open(folder, SETTINGS, clockAt(0), null);
  expect([machine.devices, (await machine.usage()).devices]).toEqual([[], []]);
  machine.close();
});

test("what an older runner sends is understood: what it does not say is unknown", () => {
  const old = {
    cpu_share: 0,
    memory_bytes: 1,
    disk_free_bytes: 1,
    devices: [{ index: 0, utilization: 0.5, memory_bytes: 2 }],
  };
  expect(nodeUsageSchema.parse(old)).toMatchObject({
    disk_bytes: null,
    network_send_bytes_per_second: null,
    fetch_bytes_per_second: null,
    devices: [{ utilization: 0.5, temperature_celsius: null }],
    processes: [],
    attempts: [],
  });
});
