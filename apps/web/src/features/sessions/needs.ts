import type { Session } from "../../api/types.ts";
import { bytes, cpus, plural } from "../../format/numbers.ts";

/** What a session asks of a node, in a few words: `2 GPUs (H100), 4 CPUs, 16 GiB`. */
export function needs({
  gpus,
  gpu_milli,
  gpu_model,
  cpu_milli,
  memory_bytes,
}: Pick<Session["resources"], "gpus" | "gpu_milli" | "gpu_model" | "cpu_milli" | "memory_bytes">): string {
  const number = gpu_milli === 1000 ? plural(gpus, "GPU") : `${gpu_milli / 1000} GPU`;
  const models = gpu_model ? ` (${gpu_model.split("|").join(" or ")})` : "";
  const gpu = gpus === 0 ? [] : [`${number}${models}`];
  return [...gpu, cpus(cpu_milli), bytes(memory_bytes)].join(", ");
}
