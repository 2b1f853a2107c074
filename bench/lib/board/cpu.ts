import { readFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;

/** Processor time that a process has used so far, in milliseconds: unlike a wait, other processes don't add to it. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1000;
}
