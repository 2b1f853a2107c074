import type { Device } from "@podium/shared";

/** A folder or file that a session gets to see: where it lies on this machine, and what the session calls it. */
export interface Place {
  host: string;
  inside: string;
  writable: boolean;
}

export interface LaunchSpec {
  attempt_id: string;
  /** The attempt's own folder on this machine: `output.log`, `pid` and `exit` are written here. */
  folder: string;
  /** Arguments of the Python interpreter: the script and its arguments. */
  argv: string[];
  /** As the session sees it. */
  cwd: string;
  /** The whole environment; nothing of the runner's own is added. */
  env: Record<string, string>;
  places: Place[];
  devices: Device[];
  memory_bytes: number;
  max_processes: number;
  /** Yields the CPU to the machine's own services (training and batch inference; not serving). */
  background: boolean;
}

/** Names one process for good: a pid is reused, a pid with its start time is not. */
export interface ProcessRef {
  attempt_id: string;
  pid: number;
  /** clock ticks since boot, field 22 of /proc/PID/stat */
  start_time: number;
}

export interface Usage {
  memory_bytes: number;
  processes: number;
}

/**
 * Runs the process of an attempt. A started process outlives the runner: everything needed to find it again is in
 * its `ProcessRef`, its environment (`PODIUM_ATTEMPT`) and the attempt's folder.
 */
export interface Executor {
  /** True when sessions see only their places, at the `inside` paths; false when they see this machine's paths. */
  readonly confined: boolean;
  start(spec: LaunchSpec): Promise<ProcessRef>;
  /** The process that was started for this attempt (it may be gone), if the runner died before writing it down. */
  find(attemptId: string, folder: string): Promise<ProcessRef | null>;
  isRunning(ref: ProcessRef): boolean;
  /** Resolves once the main process is gone, whatever is left of its children. */
  wait(ref: ProcessRef): Promise<void>;
  /** Exit code of an ended main process (128 + n for signal n), or null when it could not be recorded. */
  exitCode(folder: string): Promise<number | null>;
  /**
   * Calls back about every 100 ms with the current use, until the returned function is called. Above `limitBytes`
   * memory that processes share is counted once.
   */
  watch(ref: ProcessRef, limitBytes: number, onSample: (usage: Usage) => void): () => void;
  /** Asks every process of the attempt to end (SIGTERM). */
  terminate(ref: ProcessRef): void;
  /** Kills every process of the attempt and resolves only when none is left. */
  killAndConfirm(attemptId: string, ref: ProcessRef | null, folder: string): Promise<void>;
}
