/** Names one process for good: a pid is reused, a pid with its start time is not. */
export interface ProcessRef {
  pid: number;
  /** clock ticks since boot, field 22 of /proc/PID/stat */
  start_time: number;
}

/** The handle under which the process executor keeps a process. */
export function handleOf({ pid, start_time }: ProcessRef): string {
  return `${pid}:${start_time}`;
}

export function refOf(handle: string): ProcessRef {
  const [pid, startTime] = handle.split(":");
  return { pid: Number(pid), start_time: Number(startTime) };
}
