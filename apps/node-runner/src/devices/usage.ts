import { readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import type { Device, NodeCapacity, RunnerMessage } from "@podium/shared";
import { type DeviceState, readNvidia } from "./nvidia.ts";

/** What the machine itself can tell. */
type Usage = Omit<Extract<RunnerMessage, { type: "heartbeat" }>["usage"], "fetch_bytes_per_second">;

const NVIDIA_EVERY_MS = 5_000;

export interface MachineSettings {
  /** undefined: all that the machine has */
  cpu_milli: number | undefined;
  memory_bytes: number | undefined;
  /** the one that runs new sessions */
  executor: NodeCapacity["executors"][number];
}

/** What this machine has, and how much of it is in use at the moment. */
export class Machine {
  #nvidia: DeviceState[] = [];
  #cpu = readCpu();
  #timer: Timer | null = null;

  private constructor(
    private readonly dataFolder: string,
    private readonly settings: MachineSettings,
  ) {}

  /** Asks for the devices once and keeps their use up to date until `close`. */
  static async open(dataFolder: string, settings: MachineSettings) {
    const machine = new Machine(dataFolder, settings);
    machine.#nvidia = await readNvidia();
    if (machine.#nvidia.length > 0) machine.#sampleDevices();
    return machine;
  }

  close() {
    if (this.#timer) clearTimeout(this.#timer);
  }

  get devices(): Device[] {
    return this.#nvidia.map((state) => state.device);
  }

  capacity(): NodeCapacity {
    return {
      cpu_milli: this.settings.cpu_milli ?? availableParallelism() * 1000,
      memory_bytes: this.settings.memory_bytes ?? totalmem(),
      devices: this.devices,
      executors: [this.settings.executor],
    };
  }

  /** Use since the last call (CPU, as a share of all cores) and right now (the rest). */
  async usage(): Promise<Usage> {
    const before = this.#cpu;
    this.#cpu = readCpu();
    const total = this.#cpu.total - before.total;
    const disk = await statfs(this.dataFolder);
    return {
      cpu_share: total > 0 ? Math.max(0, (this.#cpu.busy - before.busy) / total) : 0,
      memory_bytes: usedMemory(),
      disk_free_bytes: disk.bavail * disk.bsize,
      devices: this.#nvidia.map(({ device, utilization, memory_used_bytes }) => ({
        index: device.index,
        utilization,
        memory_bytes: memory_used_bytes,
      })),
    };
  }

  #sampleDevices() {
    this.#timer = setTimeout(async () => {
      // A query that fails keeps the last known values: the devices did not go away.
      const states = await readNvidia().catch(() => []);
      if (states.length > 0) this.#nvidia = states;
      this.#sampleDevices();
    }, NVIDIA_EVERY_MS);
    this.#timer.unref();
  }
}

/** Jiffies since boot; the fields are those of proc(5), /proc/stat. */
function readCpu() {
  const fields = (readFileSync("/proc/stat", "utf8").split("\n")[0] ?? "")
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const total = fields.slice(0, 8).reduce((sum, value) => sum + value, 0);
  const idle = (fields[3] ?? 0) + (fields[4] ?? 0);
  return { total, busy: total - idle };
}

function usedMemory(): number {
  const text = readFileSync("/proc/meminfo", "utf8");
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
  return Math.max(0, (kib("MemTotal") - kib("MemAvailable")) * 1024);
}
