import type { Space } from "./room.ts";
import { type Shape, WHOLE } from "./shape.ts";

/** What a node lacks for a session. */
export type Lack = "moving" | "draining" | "gangs" | "images" | "devices" | "cpus" | "memory";

/** What the node lacks for one part of the shape now; null when it can take one. */
export function lackOf(room: Space, shape: Shape): Lack | null {
  const lack = lackOfKind(room, shape);
  if (lack) return lack;
  if (room.freeCpuMilli < shape.cpuMilli) return "cpus";
  if (room.freeMemoryBytes < shape.memoryBytes) return "memory";
  return null;
}

/** The same without CPUs and memory: what all shapes of one kind (see `kindKey`) lack alike. */
export function lackOfKind(room: Space, shape: Shape): Lack | null {
  if (shape.moveTo && !isMoveTo(shape.moveTo, room.supply.id)) return "moving";
  if (room.supply.draining) return "draining";
  if (shape.parts > 1 && !room.supply.takesGangs) return "gangs";
  if (shape.needsImage && !room.supply.runsImages) return "images";
  if (shape.gpus > 0 && usableDevices(room, shape) < shape.gpus) return "devices";
  return null;
}

/** True when a session that moves may move there. */
function isMoveTo(moveTo: NonNullable<Shape["moveTo"]>, nodeId: string): boolean {
  return "node" in moveTo ? moveTo.node === nodeId : moveTo.not !== nodeId;
}

/** True when the node lacks nothing; what is cheap to see, and lacks most often, comes first. */
export function canTake(room: Space, shape: Shape): boolean {
  const isEnough = room.freeCpuMilli >= shape.cpuMilli && room.freeMemoryBytes >= shape.memoryBytes;
  return isEnough && lackOfKind(room, shape) === null;
}

/** How many devices could serve the shape now. */
export function usableDevices(room: Space, { models, milli }: Shape): number {
  if (room.totalFree < milli) return 0;
  if (models !== null && room.model !== null && !models.has(room.model)) return 0;
  if (milli === WHOLE && (models === null || room.model !== null)) return room.wholeFree;
  let usable = 0;
  for (let position = 0; position < room.free.length; position++)
    if (isUsable(room, position, models, milli)) usable += 1;
  return usable;
}

/** True when this device could serve: it has so much free, and is of a model that will do. */
export function isUsable(
  room: Space,
  position: number,
  models: ReadonlySet<string> | null,
  milli: number,
): boolean {
  const free = room.free[position] ?? 0;
  return free >= milli && (models === null || models.has(room.models[position] ?? ""));
}

/** How many parts of a gang the node could take at once, `most` at the most. */
export function partsThatFit(room: Space, shape: Shape, most: number): number {
  if (lackOf(room, shape) !== null) return 0;
  const byCpu = shape.cpuMilli > 0 ? Math.floor(room.freeCpuMilli / shape.cpuMilli) : most;
  const byMemory = shape.memoryBytes > 0 ? Math.floor(room.freeMemoryBytes / shape.memoryBytes) : most;
  return Math.min(most, byCpu, byMemory, partsByDevices(room, shape, most));
}

function partsByDevices(room: Space, shape: Shape, most: number): number {
  if (shape.gpus === 0) return most;
  if (shape.milli === WHOLE) return Math.floor(usableDevices(room, shape) / shape.gpus);
  let parts = 0;
  for (let position = 0; position < room.free.length; position++)
    if (isUsable(room, position, shape.models, shape.milli))
      parts += Math.floor((room.free[position] ?? 0) / shape.milli);
  return parts;
}
