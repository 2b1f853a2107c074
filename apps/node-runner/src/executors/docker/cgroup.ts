import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Usage } from "../executor.ts";

const ROOT = "/sys/fs/cgroup";

export interface CgroupUse extends Usage {
  /** The kernel has killed one of its processes at the memory limit. */
  oom: boolean;
}

/** Files of one container's control groups, in version 1 (a tree a controller) or 2 (one tree). */
export interface Cgroup {
  memory: string;
  pids: string;
}

/** The control groups of a container by its first process; null where they can't be seen from here. */
export function cgroupOf(pid: number): Cgroup | null {
  const text = read(`/proc/${pid}/cgroup`);
  if (!text) return null;
  const path = (controller: string) =>
    new RegExp(`^\\d+:(?:[^:\n]*,)?${controller}(?:,[^:\n]*)?:(/.*)$`, "m").exec(text)?.[1];
  const [memory, pids, unified] = [path("memory"), path("pids"), /^0::(\/.*)$/m.exec(text)?.[1]];
  const found =
    memory && pids
      ? { memory: join(ROOT, "memory", memory), pids: join(ROOT, "pids", pids) }
      : { memory: join(ROOT, unified ?? ""), pids: join(ROOT, unified ?? "") };
  // Never the machine's own group: its numbers are those of everybody.
  return found.memory.length > `${ROOT}/memory/`.length && existsSync(found.pids) ? found : null;
}

/** What the container uses now; null when it has ended. */
export function useOf({ memory, pids }: Cgroup): CgroupUse | null {
  const processes = read(join(pids, "pids.current"));
  if (processes === null) return null;
  const used = read(join(memory, "memory.current")) ?? read(join(memory, "memory.usage_in_bytes"));
  const stat = read(join(memory, "memory.stat")) ?? "";
  // Pages of files that nobody has touched lately go as soon as room is needed.
  const reclaimable = numberAfter("(?:total_)?inactive_file", stat);
  const kills = read(join(memory, "memory.events")) ?? read(join(memory, "memory.oom_control")) ?? "";
  return {
    memory_bytes: Math.max(0, Number(used ?? 0) - reclaimable),
    processes: Number(processes),
    processes_refused: numberAfter("max", read(join(pids, "pids.events")) ?? "") > 0,
    oom: numberAfter("oom_kill", kills) > 0,
  };
}

function numberAfter(word: string, text: string): number {
  return Number(new RegExp(`^${word} (\\d+)$`, "m").exec(text)?.[1] ?? 0);
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
