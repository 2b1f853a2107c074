import { type Lack, lackOf, partsThatFit, usableDevices } from "./fit.ts";
import { Room } from "./room.ts";
import { type Shape, type Shaped, shapeOf, WHOLE } from "./shape.ts";
import type { NodeSupply, Refusal, Reservation } from "./snapshot.ts";

/** Why this node can't take a session (or one part of a gang) that needs this now, in words; null when it can. */
export function refusalOf(node: NodeSupply, needs: Shaped): string | null {
  const [room, shape] = [new Room(node), shapeOf(needs)];
  const lack = lackOf(room, shape);
  return lack && IN_WORDS[lack](room, shape, needs);
}

/** Why each of these nodes can't take a session now, in words; nodes that could are left out. */
export function explain(
  left: readonly NodeSupply[],
  needs: Shaped & { sessionId?: string },
  reservations: readonly Reservation[] = [],
): Refusal[] {
  const shape = shapeOf(needs);
  return left.flatMap((node) => {
    const reason = refusalOf(node, needs) ?? keptOr(node, shape, needs.sessionId, reservations);
    return reason === null ? [] : [{ node: node.name, reason }];
  });
}

/** What is checked last is missed most narrowly. */
const NARROWEST_FIRST: readonly Lack[] = [
  "memory",
  "cpus",
  "devices",
  "images",
  "gangs",
  "draining",
  "moving",
];

/** The nodes that can't take a session, those first that miss it most narrowly. */
export function nearest<Node extends NodeSupply>(nodes: readonly Node[], needs: Shaped): Node[] {
  const shape = shapeOf(needs);
  const missesBy = (node: Node) => {
    const room = new Room(node);
    const lack = lackOf(room, shape);
    return { node, rank: lack ? NARROWEST_FIRST.indexOf(lack) : -1, usable: usableDevices(room, shape) };
  };
  return nodes
    .map(missesBy)
    .filter(({ rank }) => rank >= 0)
    .sort((a, b) => a.rank - b.rank || b.usable - a.usable || (a.node.name < b.node.name ? -1 : 1))
    .map(({ node }) => node);
}

function keptOr(
  node: NodeSupply,
  shape: Shape,
  sessionId: string | undefined,
  reservations: readonly Reservation[],
): string | null {
  if (reservations.some((kept) => kept.sessionId !== sessionId && kept.nodes.has(node.id)))
    return "kept for a session that has waited longer, which this one would put off";
  if (shape.parts === 1) return null;
  return `room for ${partsThatFit(new Room(node), shape, shape.parts)} of ${shape.parts} parts`;
}

const IN_WORDS: Record<Lack, (room: Room, shape: Shape, needs: Shaped) => string> = {
  moving: (_room, { moveTo }) =>
    moveTo && "not" in moveTo ? "it shall move away from here" : "it shall move to another node",
  draining: () => "draining: it takes nothing new",
  gangs: () => "no network for gangs: its operator has not set PODIUM_GANG_ADDRESS",
  images: (_room, _shape, { image }) => `no Docker to run the image ${image}`,
  devices: (room, shape, { resources }) => {
    const model = resources.gpu_model === null ? "" : `${resources.gpu_model.replaceAll("|", " or ")} `;
    const usable = usableDevices(room, shape);
    if (shape.milli === WHOLE) return `${usable} of ${shape.gpus} ${model}devices free`;
    return `no ${model}device with ${shape.milli / WHOLE} of it free`;
  },
  cpus: (room, { cpuMilli }) => `${Math.max(0, room.freeCpuMilli) / 1000} of ${cpuMilli / 1000} CPUs free`,
  memory: (room, { memoryBytes }) =>
    `${Math.max(0, mebibytes(room.freeMemoryBytes))} of ${mebibytes(memoryBytes)} MiB of memory free`,
};

const mebibytes = (bytes: number) => Math.floor(bytes / 1024 ** 2);
