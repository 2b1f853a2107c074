import { expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NvidiaSmi, parseDevices, parseProcesses } from "./nvidia.ts";

const MIB = 1024 ** 2;

/** A program that stands in for `nvidia-smi`: only a machine with GPUs has the real one. */
async function withSmi<T>(script: string, use: (program: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "podium-smi-"));
  const program = join(folder, "nvidia-smi");
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  try {
    return await use(program);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("devices are read with memory in bytes, use as a share, temperature and power", () => {
  const csv = [
    "0, GPU-1b2c, NVIDIA H100 80GB HBM3, 81559, 37, 1024, 41, 118.25",
    "1, GPU-9f, NVIDIA H100 80GB HBM3, 81559, [N/A], 4, [Not Supported], [Unknown Error]",
  ].join("\n");
  expect(parseDevices(`${csv}\n`)).toEqual([
    {
      device: { index: 0, uuid: "GPU-1b2c", model: "NVIDIA H100 80GB HBM3", memory_bytes: 81559 * MIB },
      utilization: 0.37,
      memory_used_bytes: 1024 * MIB,
      temperature_celsius: 41,
      power_watts: 118.25,
      fault: null,
    },
    {
      device: { index: 1, uuid: "GPU-9f", model: "NVIDIA H100 80GB HBM3", memory_bytes: 81559 * MIB },
      utilization: null,
      memory_used_bytes: 4 * MIB,
      temperature_celsius: null,
      power_watts: null,
      fault: null,
    },
  ]);
});

test("an error message instead of a table is no device and no process", () => {
  expect(parseDevices("No devices were found\n")).toEqual([]);
  expect(parseProcesses("No running processes found\n")).toEqual([]);
  expect(parseProcesses("GPU-1, [Insufficient Permissions], 5\nGPU-1, 77, [N/A]\n")).toEqual([
    { uuid: "GPU-1", pid: 77, memory_bytes: null },
  ]);
});

test("one query gives the devices and the processes on them", () =>
  withSmi(
    `case "$1" in
      --query-gpu=*) echo "0, GPU-a, A100, 40960, 5, 10, 30, 50.0" ;;
      --query-compute-apps=*) echo "GPU-a, 4711, 512" ;;
    esac`,
    async (program) => {
      const state = await new NvidiaSmi(program).query();
      expect(state?.devices.map(({ device }) => device.uuid)).toEqual(["GPU-a"]);
      expect(state?.processes).toEqual([{ uuid: "GPU-a", pid: 4711, memory_bytes: 512 * MIB }]);
    },
  ));

test("a driver that knows no list of processes still tells of its devices", () =>
  withSmi(
    `case "$1" in --query-gpu=*) echo "0, GPU-a, A100, 40960, 5, 10, 30, 50.0" ;; *) exit 2 ;; esac`,
    async (program) => expect((await new NvidiaSmi(program).query())?.processes).toEqual([]),
  ));

test("a program that fails, hangs, leaves a child with its output, or never stops talking is no answer", async () => {
  for (const script of [
    "echo '0, GPU-a, A100, 1, 1, 1, 1, 1'; exit 9",
    "exec sleep 60",
    "sleep 3 & exit 0",
    "exec yes",
  ]) {
    const { state, complaint } = await withSmi(script, async (program) => {
      const smi = new NvidiaSmi(program, 300);
      return { state: await smi.query(), complaint: smi.complaint };
    });
    expect([script, state]).toEqual([script, null]);
    expect(complaint).not.toBe("");
    expect(complaint).toBeString();
  }
});

test("who asks while an answer is under way gets that answer", () =>
  withSmi(`echo "$$" >>"$0.asked"; sleep 0.2; echo "0, GPU-a, A100, 1, 1, 1, 1, 1"`, async (program) => {
    const smi = new NvidiaSmi(program);
    const [first, second] = await Promise.all([smi.query(), smi.query()]);
    expect(second).toBe(first);
    // One for the devices, one for the processes.
    expect((await Bun.file(`${program}.asked`).text()).trim().split("\n")).toHaveLength(2);
  }));
