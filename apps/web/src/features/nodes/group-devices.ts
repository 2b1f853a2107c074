import type { Device } from "@podium/shared";

export interface DeviceGroup {
  model: string;
  memory_bytes: number;
  number: number;
}

/** Devices counted by model and memory, most first. */
export function groupDevices(devices: readonly Device[]): DeviceGroup[] {
  const groups = new Map<string, DeviceGroup>();
  for (const { model, memory_bytes } of devices) {
    const key = `${model}\n${memory_bytes}`;
    const group = groups.get(key) ?? { model, memory_bytes, number: 0 };
    groups.set(key, group);
    group.number += 1;
  }
  return [...groups.values()].sort((a, b) => b.number - a.number);
}
