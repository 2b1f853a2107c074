import type { NodeCapacity } from "@podium/shared";
import { listNodes } from "../nodes/index.ts";
import type { Tx } from "../platform/database.ts";
import { type Needs, refusalOf } from "../scheduling/index.ts";

/** True when sessions may name a container image to run in. */
export function runsImages(capacity: NodeCapacity | null): boolean {
  return capacity?.executors.includes("docker") ?? false;
}

/** Every node that has ever said what it has, with what it would lack for a session if nothing else ran there. */
export async function lacksWhenEmpty(
  tx: Tx,
  needs: Needs,
): Promise<{ node: string; reason: string | null }[]> {
  const none = new Set<string>();
  return (await listNodes(tx)).flatMap(({ node: { id, name, capacity } }) => {
    if (!capacity) return [];
    const empty = {
      id,
      name,
      freeCpuMilli: capacity.cpu_milli,
      freeMemoryBytes: capacity.memory_bytes,
      freeDevices: capacity.devices.map((device) => ({ id: device.uuid, model: device.model })),
      runsImages: runsImages(capacity),
      cached: none,
      environments: none,
      images: none,
      bandwidth: 1,
    };
    return [{ node: name, reason: refusalOf(empty, needs) }];
  });
}
