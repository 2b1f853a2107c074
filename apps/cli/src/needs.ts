import { counted, formatBytes } from "./quantities.ts";
import type { Session } from "./types.ts";

/** What a session asks of a node, in a few words: `2 GPUs (H100 or A100), 4 CPUs, 16 GiB`; of a gang for each member. */
export function needsOf({ nodes, resources }: Pick<Session, "nodes" | "resources">): string {
  const { gpus, gpu_milli, gpu_model, cpu_milli, memory_bytes } = resources;
  const models = gpu_model ? ` (${gpu_model.split("|").join(" or ")})` : "";
  const number = gpu_milli < 1000 ? `${gpu_milli / 1000} of a GPU` : counted(gpus, "GPU");
  const gpu = gpus === 0 ? [] : [`${number}${models}`];
  const each = [...gpu, counted(cpu_milli / 1000, "CPU"), formatBytes(memory_bytes)].join(", ");
  return nodes > 1 ? `${each} for each of ${nodes} members` : each;
}

/** Where a session is: a gang's nodes with how many of its members each has. */
export function nodesOf({ node, members }: Pick<Session, "node" | "members">): string | null {
  if (node === null || members.length < 2) return node;
  const byNode = Map.groupBy(members, (member) => member.node);
  return [...byNode].map(([name, { length }]) => (length > 1 ? `${name} ×${length}` : name)).join(", ");
}
