import type { Resources } from "@podium/shared";
import type { NodeSupply } from "./snapshot.ts";

/** Why this node can't take these resources now, in words; null when it can. */
export function refusalOf(node: NodeSupply, resources: Resources): string | null {
  const devices = usableDevices(node, resources);
  if (devices.length < resources.gpus) {
    const which = resources.gpu_model ? `${resources.gpu_model} devices` : "devices";
    return `${devices.length} of ${resources.gpus} ${which} free`;
  }
  if (node.freeCpuMilli < resources.cpu_milli)
    return `${node.freeCpuMilli / 1000} of ${resources.cpu_milli / 1000} CPUs free`;
  if (node.freeMemoryBytes < resources.memory_bytes) {
    return `${mebibytes(node.freeMemoryBytes)} of ${mebibytes(resources.memory_bytes)} MiB of memory free`;
  }
  return null;
}

export function usableDevices(node: NodeSupply, resources: Resources) {
  return node.freeDevices.filter(
    (device) => resources.gpu_model === null || device.model === resources.gpu_model,
  );
}

const mebibytes = (bytes: number) => Math.floor(bytes / 1024 ** 2);
