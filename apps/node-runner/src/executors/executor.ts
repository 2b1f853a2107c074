import type { Device, NodeCapacity } from "@podium/shared";

export type ExecutorName = NodeCapacity["executors"][number];

/** A folder or file that a session gets to see: where it lies on this machine, and what the session calls it. */
export interface Place {
  host: string;
  inside: string;
  writable: boolean;
}

export interface LaunchSpec {
  attempt_id: string;
  /** The attempt's own folder on this machine, for what the executor has to remember of it. */
  folder: string;
  /** What the session writes to stdout and stderr is appended to this file of this machine. */
  output_log: string;
  /** As `prepareImage` returned it; null where sessions run on this machine's own files. */
  image: string | null;
  /** Arguments of the Python interpreter: the script and its arguments. */
  argv: string[];
  /** As the session sees it. */
  cwd: string;
  /** The whole environment; nothing of the runner's own is added. */
  env: Record<string, string>;
  places: Place[];
  devices: Device[];
  cpu_milli: number;
  memory_bytes: number;
  shm_bytes: number;
  max_processes: number;
  /** Yields the CPU to the machine's own services (training and batch inference; not serving). */
  background: boolean;
}

/** One attempt on this machine. */
export interface AttemptRef {
  attempt_id: string;
  folder: string;
}

/** What was started for an attempt. The handle is the executor's own name for it, good for as long as its folder. */
export interface Launched extends AttemptRef {
  handle: string;
}

export interface Usage {
  memory_bytes: number;
  processes: number;
  /** The kernel has refused it a process because it had as many as it may. */
  processes_refused: boolean;
}

/** How an attempt ended, as far as that could be learned. */
export interface Ending {
  /** 128 + n for signal n; null when it could not be recorded. */
  exit_code: number | null;
  /** The kernel killed it, or a process of it, at its memory limit. */
  oom: boolean;
  /** A sentence that says why neither the session nor the runner ended it, when that is so. */
  lost: string | null;
}

/** What runs the sessions (the Docker daemon) does not answer: the session is not to blame. */
export class ExecutorAway extends Error {}

/** Who the files that a session may change must belong to. */
export interface Owner {
  uid: number;
  gid: number;
}

/**
 * Runs attempts: one process tree or one container each. What was started outlives the runner: everything needed to
 * find it again is in its handle and the attempt's folder.
 */
export interface Executor {
  readonly name: ExecutorName;
  /** True when sessions see only their places, at the `inside` paths; false when they see this machine's paths. */
  readonly confined: boolean;
  /** Null when sessions run as the runner's own user. */
  readonly owner: Owner | null;
  /**
   * Makes an image ready to be started and returns its id; null asks for the node's default. `onLine` hears of the
   * progress. Throws a `DomainError` for people when there is no such image.
   */
  prepareImage(
    reference: string | null,
    signal: AbortSignal,
    onLine: (line: string) => void,
  ): Promise<string | null>;
  start(spec: LaunchSpec): Promise<Launched>;
  /** What was started for this attempt (it may have ended), if the runner died before writing it down. */
  find(attempt: AttemptRef): Promise<Launched | null>;
  isRunning(launched: Launched): Promise<boolean>;
  /** Resolves once the main process is gone, whatever is left of its children. */
  wait(launched: Launched): Promise<void>;
  /**
   * Calls back about every 100 ms with the current use, until the returned function is called. Above `limitBytes`
   * memory that processes share is counted once.
   */
  watch(launched: Launched, limitBytes: number, onSample: (usage: Usage) => void): () => void;
  /** Asks the attempt's processes to end (SIGTERM). */
  terminate(launched: Launched): Promise<void>;
  /** Kills whatever is left of the attempt and resolves only when nothing is, with how it ended. May be repeated. */
  killAndConfirm(attempt: AttemptRef & { handle: string | null }): Promise<Ending>;
  /** Removes what an earlier runner on this data folder left that belongs to none of these attempts. */
  sweep(attemptIds: ReadonlySet<string>): Promise<void>;
}
