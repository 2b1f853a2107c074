import type { Device } from "@podium/shared";

const MIB = 1024 ** 2;

export interface DeviceState {
  device: Device;
  /** busy share, 0…1 */
  utilization: number;
  memory_used_bytes: number;
}

/** The NVIDIA devices of this machine with their current use; none where `nvidia-smi` is missing or fails. */
export async function readNvidia(): Promise<DeviceState[]> {
  const path = Bun.which("nvidia-smi");
  if (!path) return [];
  const fields = "index,uuid,name,memory.total,utilization.gpu,memory.used";
  const query = Bun.spawn([path, `--query-gpu=${fields}`, "--format=csv,noheader,nounits"], {
    stdout: "pipe",
    stderr: "ignore",
    stdin: "ignore",
    timeout: 10_000,
  });
  const text = await new Response(query.stdout).text();
  return (await query.exited) === 0 ? parseNvidia(text) : [];
}

/** Parses the CSV that `nvidia-smi` prints; memory is in MiB, utilisation in percent or `[N/A]`. */
export function parseNvidia(csv: string): DeviceState[] {
  const states: DeviceState[] = [];
  for (const line of csv.split("\n")) {
    const [index, uuid, model, total, utilization, used] = line.split(",").map((field) => field.trim());
    if (index === undefined || !/^\d+$/.test(index) || !uuid || !model) continue;
    states.push({
      device: { index: Number(index), uuid, model, memory_bytes: numberOf(total) * MIB },
      utilization: numberOf(utilization) / 100,
      memory_used_bytes: numberOf(used) * MIB,
    });
  }
  return states;
}

function numberOf(text: string | undefined): number {
  const value = Number(text);
  return Number.isFinite(value) ? value : 0;
}
