import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const PAGE_BYTES = 4096;

/** One row of /proc/PID/stat, see proc(5). */
export interface ProcessInfo {
  pid: number;
  name: string;
  state: string;
  parent: number;
  group: number;
  session: number;
  /** clock ticks since boot */
  start_time: number;
  rss_bytes: number;
  /** processor time of its own, in clock ticks */
  cpu_ticks: number;
}

/** All processes of the machine that are alive (zombies are not). */
export function listProcesses(): ProcessInfo[] {
  const processes: ProcessInfo[] = [];
  for (const name of readdirSync("/proc")) {
    const first = name.charCodeAt(0);
    if (first < 48 || first > 57) continue;
    const process = readProcess(Number(name));
    if (process) processes.push(process);
  }
  return processes;
}

/** One living process, or null. */
export function readProcess(pid: number): ProcessInfo | null {
  const text = readProcFile(`/proc/${pid}/stat`);
  // The name is in parentheses and may hold spaces and parentheses itself.
  const end = text.lastIndexOf(")");
  if (end < 0) return null;
  const fields = text.slice(end + 2).split(" ");
  const state = fields[0] ?? "Z";
  if (state === "Z" || state === "X") return null;
  return {
    pid,
    name: text.slice(text.indexOf("(") + 1, end),
    state,
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    start_time: Number(fields[19]),
    rss_bytes: Number(fields[21]) * PAGE_BYTES,
    cpu_ticks: Number(fields[11]) + Number(fields[12]),
  };
}

/** Value of `PODIUM_ATTEMPT` in the process's environment, or null. */
export function attemptMarker(pid: number): string | null {
  const match = /(?:^|\0)PODIUM_ATTEMPT=(att_[0-9a-f]{32})(?:\0|$)/.exec(
    readProcFile(`/proc/${pid}/environ`),
  );
  return match?.[1] ?? null;
}

/** True when the process works in the folder or writes to a file of it, whatever its environment says. */
export function usesFolder(pid: number, folder: string): boolean {
  return ["cwd", "fd/0", "fd/1", "fd/2"].some((name) => {
    try {
      return readlinkSync(`/proc/${pid}/${name}`).startsWith(`${folder}/`);
    } catch {
      return false;
    }
  });
}

/** Memory of a process with shared pages counted in proportion, or its resident size where that can't be read. */
export function proportionalMemory(process: ProcessInfo): number {
  const kib = /^Pss:\s+(\d+) kB/m.exec(readProcFile(`/proc/${process.pid}/smaps_rollup`))?.[1];
  return kib === undefined ? process.rss_bytes : Number(kib) * 1024;
}

function readProcFile(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
