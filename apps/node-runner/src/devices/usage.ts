import { readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import type { Device, Id, NodeCapacity, NodeUsage } from "@podium/shared";
import type { Clock } from "../clock.ts";
import { AttemptProcesses } from "./attempt-processes.ts";
import { NvidiaSmi, type NvidiaState } from "./nvidia.ts";
import { diskPassed, networkPassed, Rate } from "./rates.ts";

/** What the machine itself can tell. */
export type MachineUsage = Omit<NodeUsage, "fetch_bytes_per_second">;

const SAMPLE_MS = 5_000;
/** Figures of a driver that has not answered for longer are no figures any more. */
const STALE_MS = 30_000;
/** Heartbeats may follow one another at once; rates over less than this say nothing. */
const MIN_SPAN_MS = 1_000;
const MAX_PROCESSES = 256;
const MAX_ATTEMPTS = 1000;

export interface MachineSettings {
  /** undefined: all that the machine has */
  cpu_milli: number | undefined;
  memory_bytes: number | undefined;
  /** left out or undefined: no members of gangs */
  gangs?: NodeCapacity["gangs"];
  /** the one that runs new sessions */
  executor: NodeCapacity["executors"][number];
}

/** What this machine has, and how much of it is in use at the moment. */
export class Machine {
  readonly #devices: Device[];
  #nvidia: NvidiaState;
  #nvidiaAtMs: number;
  readonly #processes = new AttemptProcesses();
  readonly #disk = new Rate();
  readonly #network = new Rate();
  #cpu = readCpu();
  #rates = { cpu_share: 0, ...NO_RATES };
  #ratesAtMs: number;
  #timer: Timer | null = null;
  #closed = false;

  private constructor(
    private readonly dataFolder: string,
    private readonly settings: MachineSettings,
    private readonly clock: Clock,
    private readonly smi: NvidiaSmi | null,
    nvidia: NvidiaState,
  ) {
    this.#devices = nvidia.devices.filter(({ fault }) => fault === null).map((state) => state.device);
    this.#nvidia = nvidia;
    this.#nvidiaAtMs = this.#ratesAtMs = clock.elapsedMs();
    this.#takeRates(this.#ratesAtMs);
  }

  /** Asks for the devices once and keeps their use, and that of the attempts, up to date until `close`. */
  static async open(dataFolder: string, settings: MachineSettings, clock: Clock, smi = NvidiaSmi.find()) {
    const nvidia = (await smi?.query()) ?? { devices: [], processes: [] };
    const machine = new Machine(dataFolder, settings, clock, smi, nvidia);
    machine.#processes.refresh();
    machine.#schedule();
    return machine;
  }

  close() {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  /** Those that sessions may get: what the driver called broken at the start is none of them. */
  get devices(): Device[] {
    return this.#devices;
  }

  /** What is wrong with the GPUs now, a line each, for the operator; nothing on a machine that has none. */
  get troubles(): string[] {
    const complaint = this.smi?.complaint;
    const offered = new Set(this.#devices.map(({ uuid }) => uuid));
    const broken = this.#nvidia.devices.flatMap(({ device: { index, uuid, model }, fault }) =>
      fault === null
        ? []
        : `GPU ${index} (${model}): ${fault}; ${offered.has(uuid) ? "sessions that get it will fail" : "no session gets it"}`,
    );
    return [...(complaint ? [`nvidia-smi: ${complaint}`] : []), ...broken];
  }

  capacity(): NodeCapacity {
    const { gangs } = this.settings;
    return {
      cpu_milli: this.settings.cpu_milli ?? availableParallelism() * 1000,
      memory_bytes: this.settings.memory_bytes ?? totalmem(),
      devices: this.devices,
      executors: [this.settings.executor],
      ...(gangs && { gangs }),
    };
  }

  /** Shares and rates since the call before (at least a second ago), devices and processes of the last sample. */
  async usage(): Promise<MachineUsage> {
    const nowMs = this.clock.elapsedMs();
    if (nowMs - this.#ratesAtMs >= MIN_SPAN_MS) this.#takeRates(nowMs);
    const disk = await statfs(this.dataFolder);
    return {
      ...this.#rates,
      memory_bytes: usedMemory(),
      disk_free_bytes: disk.bavail * disk.bsize,
      disk_bytes: disk.blocks * disk.bsize,
      devices: this.#deviceUses(nowMs - this.#nvidiaAtMs > STALE_MS),
      processes: this.#deviceProcesses(),
      attempts: this.#processes.uses
        .slice(0, MAX_ATTEMPTS)
        .map((use) => ({ ...use, attempt_id: use.attempt_id as Id<"attempt"> })),
    };
  }

  #takeRates(nowMs: number) {
    const before = this.#cpu;
    this.#cpu = readCpu();
    const total = this.#cpu.total - before.total;
    const disk = this.#disk.next(diskPassed(this.dataFolder), nowMs);
    const network = this.#network.next(networkPassed(), nowMs);
    this.#ratesAtMs = nowMs;
    this.#rates = {
      cpu_share: total > 0 ? Math.max(0, (this.#cpu.busy - before.busy) / total) : 0,
      disk_read_bytes_per_second: disk?.one ?? null,
      disk_write_bytes_per_second: disk?.other ?? null,
      network_receive_bytes_per_second: network?.one ?? null,
      network_send_bytes_per_second: network?.other ?? null,
    };
  }

  #deviceUses(isStale: boolean): MachineUsage["devices"] {
    const offered = new Set(this.#devices.map(({ uuid }) => uuid));
    const known = this.#nvidia.devices.filter(({ device }) => offered.has(device.uuid));
    return known.map((state) => ({
      index: state.device.index,
      utilization: isStale ? null : state.utilization,
      memory_bytes: state.memory_used_bytes,
      temperature_celsius: isStale ? null : state.temperature_celsius,
      power_watts: isStale ? null : state.power_watts,
    }));
  }

  #deviceProcesses(): MachineUsage["processes"] {
    const indexes = new Map(this.#devices.map((device) => [device.uuid, device.index]));
    return this.#nvidia.processes.slice(0, MAX_PROCESSES).flatMap(({ uuid, pid, memory_bytes }) => {
      const device = indexes.get(uuid);
      const attempt_id = this.#processes.ownerOf(pid) as Id<"attempt"> | null;
      return device === undefined ? [] : [{ device, pid, memory_bytes, attempt_id }];
    });
  }

  async #sample() {
    // A query that fails keeps the last known figures for a while: the devices did not go away.
    const state = this.#devices.length > 0 ? await this.smi?.query().catch(() => null) : null;
    if (state && state.devices.length > 0) {
      this.#nvidia = state;
      this.#nvidiaAtMs = this.clock.elapsedMs();
    }
    this.#processes.refresh();
    this.#schedule();
  }

  #schedule() {
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#sample(), SAMPLE_MS);
    this.#timer.unref();
  }
}

const NO_RATES = {
  disk_read_bytes_per_second: null as number | null,
  disk_write_bytes_per_second: null as number | null,
  network_receive_bytes_per_second: null as number | null,
  network_send_bytes_per_second: null as number | null,
};

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
