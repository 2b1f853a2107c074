import type { Resources } from "@podium/shared";
import { isUsable, lackOf } from "../../../apps/hub/src/scheduling/fit.ts";
import { Room } from "../../../apps/hub/src/scheduling/room.ts";
import { Scheduler } from "../../../apps/hub/src/scheduling/scheduler.ts";
import { type Shape, shapeOf, WHOLE } from "../../../apps/hub/src/scheduling/shape.ts";
import { seeded } from "../../../apps/hub/src/testing/random.ts";
import { type Machine, pendingOf, supplyOf, type Workload } from "./workload.ts";

/** Takes tasks one after another; true when one was placed. */
export type Policy = (task: Resources) => boolean;

/** Podium's own scheduler, told of one task at a time; the mix is what the workload's history has. */
function podium({ machines, tasks }: Workload): Policy {
  const scheduler = new Scheduler({ mix: demandsOf(tasks), usage: new Map() });
  for (const machine of machines) scheduler.setNode(supplyOf(machine));
  let count = 0;
  return (task) => {
    const id = `task-${count++}`;
    scheduler.submit(pendingOf(id, task));
    const placed = scheduler.decide(0).placements.length === 1;
    if (!placed) scheduler.withdraw(id);
    return placed;
  };
}

export function demandsOf(tasks: readonly Resources[]) {
  const groups = Map.groupBy(tasks, (task) => JSON.stringify(task));
  return [...groups.values()].flatMap(([resources, ...more]) =>
    resources ? [{ resources, count: 1 + more.length }] : [],
  );
}

/** Chooses one of the nodes that fit. */
type Choose = (fitting: readonly Room[], shape: Shape) => Room | undefined;

/** What others do, on the same nodes by the same rule of what fits. */
function simple(machines: readonly Machine[], choose: Choose, isTight: boolean): Policy {
  const rooms = machines.map((machine) => new Room(supplyOf(machine)));
  let count = 0;
  return (task) => {
    const shape = shapeOf({ resources: task, image: null });
    const room = choose(
      rooms.filter((each) => lackOf(each, shape) === null),
      shape,
    );
    if (!room) return false;
    const { cpuMilli, memoryBytes, milli } = shape;
    const hold = { cpuMilli, memoryBytes, milli, devices: devicesOf(room, shape, isTight), endsAt: 0 };
    room.take(`task-${count++}`, hold);
    return true;
  };
}

/** The first devices that do, or, with shares, the one that they leave the least of. */
function devicesOf(room: Room, shape: Shape, isTight: boolean): number[] {
  const usable = room.free.flatMap((_, at) => (isUsable(room, at, shape.models, shape.milli) ? [at] : []));
  if (isTight && shape.milli < WHOLE) usable.sort((a, b) => (room.free[a] ?? 0) - (room.free[b] ?? 0));
  return usable.slice(0, shape.gpus);
}

const least = (rooms: readonly Room[], of: (room: Room) => number): Room | undefined => {
  let [best, lowest] = [undefined as Room | undefined, Number.POSITIVE_INFINITY];
  for (const room of rooms) {
    const value = of(room);
    if (value < lowest) [best, lowest] = [room, value];
  }
  return best;
};

export const POLICIES: Record<string, (workload: Workload, seed: number) => Policy> = {
  random: ({ machines }, seed) => {
    const { int } = seeded(seed);
    return simple(machines, (rooms) => rooms[int(rooms.length)], false);
  },
  first_fit: ({ machines }) => simple(machines, (rooms) => rooms[0], false),
  /** NSML: the node with the fewest free GPUs that fits. */
  nsml: ({ machines }) => simple(machines, (rooms) => least(rooms, (room) => room.wholeFree), true),
  /** The least of everything left, each in proportion to the largest machine. */
  best_fit: ({ machines }) => {
    const most = (of: (machine: Machine) => number) => Math.max(1, ...machines.map(of));
    const [cpu, memory, gpus] = [most((m) => m.cpuMilli), most((m) => m.memoryBytes), most((m) => m.gpus)];
    const left = (room: Room) =>
      room.freeCpuMilli / cpu + room.freeMemoryBytes / memory + room.totalFree / (gpus * WHOLE);
    return simple(machines, (rooms) => least(rooms, left), true);
  },
  podium,
};
