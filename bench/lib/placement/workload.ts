import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Resources, resourcesSchema } from "@podium/shared";
import type { NodeSupply, Pending } from "../../../apps/hub/src/scheduling/snapshot.ts";
import { seeded } from "../../../apps/hub/src/testing/random.ts";

const MIB = 1024 ** 2;

/** A machine of a cluster, and a task as it was asked for. */
export interface Machine {
  name: string;
  cpuMilli: number;
  memoryBytes: number;
  gpus: number;
  model: string;
}

export interface Workload {
  source: string;
  machines: Machine[];
  tasks: Resources[];
}

/** Alibaba's openb trace (`cluster-trace-gpu-v2023`): 1,213 machines with GPUs, 8,152 tasks. */
export function readTrace(folder: string): Workload {
  const machines = rows(folder, "openb_node_list_gpu_node.csv").map(([name, cpu, memory, gpus, model]) => ({
    name: name ?? "",
    cpuMilli: Number(cpu),
    memoryBytes: Number(memory) * MIB,
    gpus: Number(gpus),
    model: model ?? "",
  }));
  const tasks = rows(folder, "openb_pod_list_default.csv").map(([, cpu, memory, gpus, milli, spec]) =>
    resourcesOf(Number(cpu), Number(memory) * MIB, Number(gpus), Number(milli), spec || null),
  );
  return { source: "openb", machines, tasks };
}

/** Without the trace: machines of three sizes, tasks that ask for shares, one or several devices. */
export function generateWorkload(machines = 400, tasks = 4000): Workload {
  const { int, pick } = seeded(20_230_711);
  const kinds = [
    { cpuMilli: 96_000, memoryBytes: 384 * 1024 * MIB, gpus: 8, model: "G2" },
    { cpuMilli: 96_000, memoryBytes: 512 * 1024 * MIB, gpus: 2, model: "T4" },
    { cpuMilli: 64_000, memoryBytes: 256 * 1024 * MIB, gpus: 4, model: "V100" },
  ];
  const shares = [200, 300, 500, 700, 800];
  return {
    source: "generated",
    machines: Array.from({ length: machines }, (_, index) => ({
      name: `machine-${String(index).padStart(5, "0")}`,
      ...pick(kinds),
    })),
    tasks: Array.from({ length: tasks }, () => {
      const gpus = pick([0, 1, 1, 1, 1, 1, 1, 1, 2, 8]);
      const milli = gpus === 1 && int(2) === 0 ? pick(shares) : 1000;
      const cpus = Math.max(1, gpus) * pick([2000, 4000, 8000, 11_000]);
      return resourcesOf(cpus, cpus * 3 * MIB, gpus, milli, null);
    }),
  };
}

function resourcesOf(
  cpuMilli: number,
  memoryBytes: number,
  gpus: number,
  milli: number,
  model: string | null,
): Resources {
  const gpu_milli = gpus === 1 && milli > 0 ? milli : 1000;
  return {
    ...resourcesSchema.parse({}),
    gpus,
    gpu_milli,
    gpu_model: model,
    cpu_milli: cpuMilli,
    memory_bytes: memoryBytes,
  };
}

function rows(folder: string, file: string): string[][] {
  const lines = readFileSync(join(folder, file), "utf8").trim().split("\n");
  return lines.slice(1).map((line) => line.trim().split(","));
}

export function supplyOf({ name, cpuMilli, memoryBytes, gpus, model }: Machine): NodeSupply {
  return {
    id: name,
    name,
    freeCpuMilli: cpuMilli,
    freeMemoryBytes: memoryBytes,
    devices: Array.from({ length: gpus }, (_, index) => ({ id: `${name}/${index}`, model, freeMilli: 1000 })),
    runsImages: true,
    draining: false,
    rack: null,
    cached: new Set(),
    environments: new Set(),
    images: new Set(),
    bandwidth: 125 * MIB,
  };
}

export function pendingOf(id: string, resources: Resources, more: Partial<Pending> = {}): Pending {
  const needs = { image: null, imageBytes: null, environment: null, trees: [], tried: new Map() };
  const who = { teamId: "team", urgency: 0, priority: 0, preemptible: false };
  return { sessionId: id, resources, since: 0, limitMs: null, parts: 1, ...needs, ...who, ...more };
}

/** What tasks ask of devices, in thousandths. */
export const milliOfTask = ({ gpus, gpu_milli }: Resources) => gpus * gpu_milli;
