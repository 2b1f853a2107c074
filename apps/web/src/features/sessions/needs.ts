import type { Session } from "../../api/types.ts";
import { bytes, cpus, plural } from "../../format/numbers.ts";

/** What a session asks of a node, in a few words: `2 GPUs (H100), 4 CPUs, 16 GiB`. */
export function needs({
  gpus,
  gpu_model,
  cpu_milli,
  memory_bytes,
}: Pick<Session["resources"], "gpus" | "gpu_model" | "cpu_milli" | "memory_bytes">): string {
  const gpu = gpus === 0 ? [] : [`${plural(gpus, "GPU")}${gpu_model ? ` (${gpu_model})` : ""}`];
  return [...gpu, cpus(cpu_milli), bytes(memory_bytes)].join(", ");
}
