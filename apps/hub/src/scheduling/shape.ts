import type { Resources } from "@podium/shared";
import type { Needs, Pending } from "./snapshot.ts";

/** All of a device. */
export const WHOLE = 1000;

/** What decides where a session fits. Sessions of one shape fit in the same places at any moment. */
export interface Shape {
  key: string;
  /** devices that each part needs, and thousandths of each of them */
  gpus: number;
  milli: number;
  /** models that will do; null: any */
  models: ReadonlySet<string> | null;
  cpuMilli: number;
  memoryBytes: number;
  needsImage: boolean;
  moveTo: Needs["moveTo"];
  parts: number;
  limitMs: number | null;
  /** in GPUs: what is larger is passed by what is smaller, unless room is kept for it */
  size: number;
}

export type Shaped = Needs & Partial<Pick<Pending, "parts" | "limitMs">>;

/** Names the session's shape: everything that `lackOf` and a reservation look at. */
export function shapeKey({ resources, image, moveTo, parts = 1, limitMs = null }: Shaped): string {
  const { gpus, gpu_milli, gpu_model, cpu_milli, memory_bytes } = resources;
  return `${gpus}x${gpu_milli ?? WHOLE} ${cpu_milli} ${memory_bytes} ${parts} ${limitMs} ${image !== null} ${gpu_model}${moveTo ? JSON.stringify(moveTo) : ""}`;
}

/** Names what `lackOfKind` looks at. */
export function kindKey({ gpus, milli, models, needsImage, parts, moveTo }: Shape): string {
  return `${gpus}x${milli} ${parts > 1} ${needsImage} ${models && [...models].join("|")}${moveTo ? JSON.stringify(moveTo) : ""}`;
}

/** Names what `lackOf` looks at: shapes that differ in nothing else fit in the same places. */
export function fitKey(shape: Shape): string {
  return `${kindKey(shape)} ${shape.cpuMilli} ${shape.memoryBytes}`;
}

export function shapeOf(session: Shaped): Shape {
  const { resources, image, moveTo = null, parts = 1, limitMs = null } = session;
  return {
    key: shapeKey(session),
    gpus: resources.gpus,
    milli: milliOf(resources),
    models: modelsOf(resources.gpu_model),
    cpuMilli: resources.cpu_milli,
    memoryBytes: resources.memory_bytes,
    needsImage: image !== null,
    moveTo,
    parts,
    limitMs,
    size: parts * sizeOf(resources),
  };
}

/** Thousandths that a session takes of each of its devices. Sessions from before there were shares take all. */
export function milliOf({ gpu_milli }: Pick<Resources, "gpu_milli">): number {
  return gpu_milli ?? WHOLE;
}

/** The models that a constraint such as `H100|A100` allows; null: any. */
export function modelsOf(constraint: string | null): ReadonlySet<string> | null {
  return constraint === null ? null : new Set(constraint.split("|").map((model) => model.trim()));
}

/** What a session counts for in its team's share: its devices; without any, a hundred CPUs count as one. */
export function weightOf(resources: Pick<Resources, "gpus" | "gpu_milli" | "cpu_milli">): number {
  return resources.gpus > 0 ? (resources.gpus * milliOf(resources)) / WHOLE : resources.cpu_milli / 100_000;
}

/** The largest part of a usual node that it takes, in GPUs: 16 CPUs or 128 GiB of memory count as one. */
function sizeOf(resources: Resources): number {
  const gpus = (resources.gpus * milliOf(resources)) / WHOLE;
  return Math.max(gpus, resources.cpu_milli / 16_000, resources.memory_bytes / (128 * 1024 ** 3));
}
