import { expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NvidiaSmi, parseDevices, parseProcesses } from "./nvidia.ts";
import { Machine } from "./usage.ts";

const MIB = 1024 ** 2;

/** What drivers of several generations say for the very fields that are asked for, a line a machine. */
const SAID = {
  datacenter:
    "0, GPU-7fdaf0a5-179b-f636-d15d-daf243e3ff16, NVIDIA A100-SXM4-80GB, 81920, 100, 36537, 64, 389.52",
  // MIG: the driver tells neither how busy the whole is nor, asked like this, of its slices.
  mig: "0, GPU-7fdaf0a5-179b-f636-d15d-daf243e3ff16, NVIDIA A800-SXM4-80GB, 81920, [N/A], 36537, 33, 87.00",
  // 470 and older, on cards for desktops.
  desktop:
    "1, GPU-1b724e78-eef5-4163-d43c-e4da15d41176, GeForce GT 730, 1998, [Not Supported], 722, 37, [Not Supported]",
  // Memory that CPU and GPU share counts as the machine's, not as the GPU's.
  unified: "0, GPU-0e6a5b1c-1d2e-4f3a-9b8c-7d6e5f4a3b2c, NVIDIA GB10, [N/A], 3, [N/A], 41, 11.72",
  reset:
    "2, GPU-5a1f6f10-7d3e-0b52-8b7f-3c1d2e4f5a6b, NVIDIA RTX PRO 6000, 97887, [GPU requires reset], 0, [GPU requires reset], [GPU requires reset]",
  unknown:
    "3, GPU-9c8b7a6d-5e4f-3a2b-1c0d-efab12345678, Tesla V100-SXM2-32GB, 32510, 0, 0, 35, [Unknown Error]",
};
const read = (line: string) => parseDevices(`${line}\n`)[0];

test("GPUs of datacenters, desktops and with unified memory are read; what is not told is not known", () => {
  const figures = (line: string) => {
    const { device, utilization, memory_used_bytes, temperature_celsius, power_watts, fault } =
      read(line) ?? {};
    return [device?.memory_bytes, utilization, memory_used_bytes, temperature_celsius, power_watts, fault];
  };
  expect(figures(SAID.datacenter)).toEqual([81920 * MIB, 1, 36537 * MIB, 64, 389.52, null]);
  expect(figures(SAID.mig)).toEqual([81920 * MIB, null, 36537 * MIB, 33, 87, null]);
  expect(figures(SAID.desktop)).toEqual([1998 * MIB, null, 722 * MIB, 37, null, null]);
  expect(figures(SAID.unified)).toEqual([0, 0.03, 0, 41, 11.72, null]);
  expect(figures(SAID.unknown)).toEqual([32510 * MIB, 0, 0, 35, null, null]);
  expect(figures(SAID.reset)).toEqual([97887 * MIB, null, 0, null, null, "GPU requires reset"]);
});

test("a line about a GPU that fell off the bus stands among those of the others, and is none", () => {
  const lost = "Unable to determine the device handle for GPU1: 0000:34:00.0: Unknown Error";
  expect(
    parseDevices(`${lost}\n${SAID.datacenter}\n${SAID.desktop}\n`).map(({ device }) => device.index),
  ).toEqual([0, 1]);
  expect(
    parseDevices(
      "Unable to determine the device handle for GPU0000:08:00.0: GPU is lost.  Reboot the system to recover this GPU\n",
    ),
  ).toEqual([]);
});

test("processes whose memory the driver does not tell, as of another container's, count with unknown memory", () => {
  const uuid = "GPU-7fdaf0a5-179b-f636-d15d-daf243e3ff16";
  const csv = `${uuid}, 4711, 36121\n${uuid}, 4712, [N/A]\n${uuid}, [N/A], 512\n${uuid}, 4713, [Insufficient Permissions]\n`;
  expect(parseProcesses(csv)).toEqual([
    { uuid, pid: 4711, memory_bytes: 36121 * MIB },
    { uuid, pid: 4712, memory_bytes: null },
    { uuid, pid: 4713, memory_bytes: null },
  ]);
});

/** The machine as it is with a program that says this and ends so. */
async function machineWith(said: string, code: number) {
  const folder = mkdtempSync(join(tmpdir(), "podium-formats-"));
  const program = join(folder, "nvidia-smi");
  writeFileSync(program, `#!/bin/sh\ncat <<'END'\n${said}\nEND\nexit ${code}\n`);
  chmodSync(program, 0o755);
  const clock = { now: () => new Date(0), elapsedMs: () => 0 };
  const settings = { cpu_milli: undefined, memory_bytes: undefined, executor: "process" as const };
  const machine = await Machine.open(folder, settings, clock, new NvidiaSmi(program, 5_000));
  try {
    const { devices } = await machine.usage();
    return {
      offered: machine.devices.map(({ index }) => index),
      used: devices.length,
      troubles: machine.troubles,
    };
  } finally {
    machine.close();
    rmSync(folder, { recursive: true });
  }
}

test("a driver that can't be talked to leaves the node without GPUs, and the runner with what it said", async () => {
  for (const [said, code] of [
    ["Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 550.163", 18],
    [
      "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.",
      9,
    ],
    ["No devices were found", 6],
    ["No devices were found", 0],
  ] as const) {
    const first = said.split("\n")[0] ?? "";
    expect(await machineWith(said, code)).toEqual({
      offered: [],
      used: 0,
      troubles: [`nvidia-smi: ${first.slice(0, 200)}`],
    });
  }
});

test("a GPU that needs a reset is offered to nobody, and told of; the others are", async () => {
  expect(await machineWith(`${SAID.datacenter}\n${SAID.reset}`, 0)).toEqual({
    offered: [0],
    used: 1,
    troubles: ["GPU 2 (NVIDIA RTX PRO 6000): GPU requires reset; no session gets it"],
  });
});
