import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** One row of /proc. `command` is argv joined by spaces, empty for kernel threads and zombies. */
export interface ProcessRow {
  pid: number;
  parentPid: number;
  group: number;
  state: string;
  command: string;
}

/** All processes of this machine that we may see; those that end meanwhile are left out. */
export function listProcesses(): ProcessRow[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => readProcess(Number(pid)) ?? []);
}

/** Processes that carry `NAME=value` in the environment they were started with. */
export function processesMarked(mark: string): number[] {
  const wanted = `\0${mark}\0`;
  return listProcesses()
    .filter(({ pid, state }) => state !== "Z" && `\0${read(`/proc/${pid}/environ`)}`.includes(wanted))
    .map(({ pid }) => pid);
}

/** Processes whose working directory is `dir`. */
export function processesIn(dir: string): number[] {
  return listProcesses()
    .filter(({ pid }) => workingDirectory(pid) === dir)
    .map(({ pid }) => pid);
}

/** A process group's members that still run. */
export function groupMembers(group: number): number[] {
  return listProcesses()
    .filter((row) => row.group === group && row.state !== "Z")
    .map(({ pid }) => pid);
}

/** True until the process has ended (a zombie has ended). */
export function isAlive(pid: number): boolean {
  const row = readProcess(pid);
  return row !== undefined && row.state !== "Z";
}

/**
 * Memory of a process in bytes, each page that it shares divided by those who share it (PSS), so that sums are true:
 * every Postgres process maps the same buffers. 0 once it has ended, or when it is not ours to look at.
 */
export function memoryBytes(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) * 1024;
}

/** Sends a signal to a process (or, negative, a group); one that has just ended is no error. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  if (pid === 0) throw new Error("Process 0 would be this very group of processes.");
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function readProcess(pid: number): ProcessRow | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The command name stands in parentheses and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parentPid, group] = fields;
  if (state === undefined || group === undefined) return undefined;
  return {
    pid,
    parentPid: Number(parentPid),
    group: Number(group),
    state,
    command: read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim(),
  };
}

function workingDirectory(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
