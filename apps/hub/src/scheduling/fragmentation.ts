import { isUsable } from "./fit.ts";
import type { Room } from "./room.ts";
import { milliOf, modelsOf, type Shape, WHOLE } from "./shape.ts";
import type { Demand } from "./snapshot.ts";

/** The rarest demands of a long list change nothing that matters, and every one costs time. */
const MOST_DEMANDS = 64;

/** Demands that ask for the same devices. */
interface Kind {
  gpus: number;
  milli: number;
  models: ReadonlySet<string> | null;
  /** probability of the whole kind, then of each of its demands with its CPUs and memory */
  weight: number;
  weights: number[];
  cpus: number[];
  memories: number[];
}

/** What the typical session asks for, made ready to be compared with many nodes. */
export type Mix = readonly Kind[];

/** Makes a mix out of what was asked for. Demands without devices waste none, wherever they run: they don't count. */
export function mixOf(demands: readonly Demand[]): Mix {
  const counted = demands
    .filter(({ resources, count }) => resources.gpus > 0 && count > 0)
    .sort((a, b) => b.count - a.count || (JSON.stringify(a.resources) < JSON.stringify(b.resources) ? -1 : 1))
    .slice(0, MOST_DEMANDS);
  const total = counted.reduce((sum, { count }) => sum + count, 0);
  const kinds = new Map<string, Kind>();
  for (const { resources, count } of counted) {
    const { gpus, gpu_model, cpu_milli, memory_bytes } = resources;
    const milli = milliOf(resources);
    const key = `${gpus} ${milli} ${gpu_model}`;
    const found = kinds.get(key);
    const models = modelsOf(gpu_model);
    const kind = found ?? { gpus, milli, models, weight: 0, weights: [], cpus: [], memories: [] };
    kind.weight += count / total;
    kind.weights.push(count / total);
    kind.cpus.push(cpu_milli);
    kind.memories.push(memory_bytes);
    kinds.set(key, kind);
  }
  return [...kinds.values()];
}

/**
 * Thousandths of free devices on the node that the typical session could not use, as an expected value over the mix:
 * F_n(M) of "Beware of Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation Gradient Descent"
 * (Weng et al., USENIX ATC 2023).
 */
export function wasteOf(mix: Mix, room: Room): number {
  const { totalFree, freeCpuMilli, freeMemoryBytes } = room;
  if (totalFree === 0) return 0;
  let waste = 0;
  for (const { gpus, milli, models, weight, weights, cpus, memories } of mix) {
    let usable = 0;
    let count = 0;
    for (let position = 0; position < room.free.length; position++) {
      if (!isUsable(room, position, models, milli)) continue;
      usable += room.free[position] ?? 0;
      count += 1;
    }
    if (count < gpus) {
      waste += weight * totalFree;
      continue;
    }
    for (let at = 0; at < weights.length; at++) {
      const fits = (cpus[at] ?? 0) <= freeCpuMilli && (memories[at] ?? 0) <= freeMemoryBytes;
      waste += (weights[at] ?? 0) * (fits ? totalFree - usable : totalFree);
    }
  }
  return waste;
}

export interface Choice {
  /** positions of the devices to take */
  devices: readonly number[];
  /** by how much the node's expected waste would grow, thousandths of a GPU; negative: it would shrink */
  growth: number;
}

/** The devices of a node that has room for the shape, so that its expected waste grows least. */
export function chooseDevices(mix: Mix, room: Room, shape: Shape): Choice {
  if (Number.isNaN(room.waste)) room.waste = wasteOf(mix, room);
  if (shape.milli === WHOLE) {
    const devices = [];
    for (let position = 0; devices.length < shape.gpus && position < room.free.length; position++)
      if (isUsable(room, position, shape.models, WHOLE)) devices.push(position);
    return { devices, growth: growth(mix, room, shape, devices) };
  }
  let best: (Choice & { free: number }) | null = null;
  for (let position = 0; position < room.free.length; position++) {
    if (!isUsable(room, position, shape.models, shape.milli)) continue;
    const free = room.free[position] ?? 0;
    const isSeen = room.free.indexOf(free) < position && new Set(room.models).size === 1;
    if (isSeen) continue;
    const grown = growth(mix, room, shape, [position]);
    // Of equals the one with least left: whole devices stay whole.
    if (!best || grown < best.growth || (grown === best.growth && free < best.free))
      best = { devices: [position], growth: grown, free };
  }
  return best ?? { devices: [], growth: 0 };
}

function growth(mix: Mix, room: Room, shape: Shape, devices: readonly number[]): number {
  if (mix.length === 0) return 0;
  const { waste } = room;
  const { cpuMilli, memoryBytes, milli } = shape;
  const hold = { cpuMilli, memoryBytes, milli, devices, endsAt: 0 };
  room.change(hold, -1);
  const after = wasteOf(mix, room);
  room.change(hold, 1);
  room.waste = waste;
  return after - waste;
}
