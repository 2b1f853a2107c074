import type { Resources } from "@podium/shared";
import type { Needs, NodeSupply } from "./snapshot.ts";

/** Why this node can't take a session that needs this now, in words; null when it can. */
export function refusalOf(node: NodeSupply, { resources, image, moveTo }: Needs): string | null {
  if (moveTo && "node" in moveTo && moveTo.node !== node.id) return "it shall move to another node";
  if (moveTo && "not" in moveTo && moveTo.not === node.id) return "it shall move away from here";
  if (image !== null && !node.runsImages) return `no Docker to run the image ${image}`;
  if (resources.gpus > 0) {
    const free = usableDevices(node, resources).length;
    const which = resources.gpu_model === null ? "devices" : `${resources.gpu_model} devices`;
    if (free < resources.gpus) return `${free} of ${resources.gpus} ${which} free`;
  }
  if (node.freeCpuMilli < resources.cpu_milli)
    return `${Math.max(0, node.freeCpuMilli) / 1000} of ${resources.cpu_milli / 1000} CPUs free`;
  if (node.freeMemoryBytes < resources.memory_bytes) {
    return `${Math.max(0, mebibytes(node.freeMemoryBytes))} of ${mebibytes(resources.memory_bytes)} MiB of memory free`;
  }
  return null;
}

/** Free devices that the session would take, in the node's order. */
export function usableDevices(node: NodeSupply, { gpu_model }: Resources) {
  if (gpu_model === null) return node.freeDevices;
  return node.freeDevices.filter((device) => device.model === gpu_model);
}

const mebibytes = (bytes: number) => Math.floor(bytes / 1024 ** 2);
