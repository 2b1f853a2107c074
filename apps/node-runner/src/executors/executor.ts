import type { Device, NodeCapacity } from "@podium/shared";
import type { Terminal, TerminalSize } from "./terminal.ts";

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
  /** The Python interpreter as the session sees it; null: the image's or this machine's own. */
  python: string | null;
  /** What runs in place of Python, as the session sees it. */
  program?: string;
  /** Its arguments: the script and the script's arguments. */
  argv: string[];
  /** As the session sees it. */
  cwd: string;
  /** The whole environment; nothing of the runner's own is added. */
  env: Record<string, string>;
  places: Place[];
  /** What it may reach: `host`, or the name of a Docker network; null is nothing at all, as for all but gangs. */
  network: string | null;
  /** Where others reach it at this machine's address, when its network is not the machine's own. */
  port?: number;
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

/** Debian packages that a session's code asks for, on top of its image. */
export interface PackageRequest {
  /** as `prepareImage` returned it */
  image: string;
  names: readonly string[];
  network: string | null;
  memory_bytes: number;
  max_processes: number;
  /** By these what is being installed is found again, like an attempt. */
  attempt_id: string;
  folder: string;
  /** What is said goes to the end of this file of this machine. */
  output_log: string;
}

/** Adds packages to images. An image that is whole has a name; nobody sees one that is not. */
export interface PackageInstaller {
  /** Starts installing; what is started is looked after as an attempt is. */
  start(request: PackageRequest): Promise<Launched>;
  /** Bytes that it has written so far. */
  size(launched: Launched): Promise<number>;
  /** Keeps what an installation has made: the image's id, or null when its main process did not end well. */
  keep(launched: Launched, key: string): Promise<string | null>;
  /** Bytes that an image has beside those of the one that it was made from; 0 when one of them is gone. */
  addedBytes(image: string, base: string): Promise<number>;
  has(image: string): Promise<boolean>;
  /** Does nothing while a session uses it. */
  remove(image: string): Promise<void>;
  /** Removes all that this runner has made but these. */
  sweep(kept: ReadonlySet<string>): Promise<void>;
}

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
  /** Names the Python that sessions without an image run with; an environment made with another one is no use to it. */
  readonly interpreter: string;
  /** Null where sessions run on this machine's own files, which no session may add to. */
  readonly packages: PackageInstaller | null;
  /** Null when sessions run as the runner's own user. */
  readonly owner: Owner | null;
  /**
   * The name of the network that builds get. `setting` is what the operator wants; without it the executor takes the
   * safest one from which packages can be had. Throws one readable line where it has no such network.
   */
  buildNetwork(setting: string | undefined): string;
  /**
   * Makes an image ready to be started and returns its id; null asks for the node's default. `onLine` hears of the
   * progress. Throws a `DomainError` for people when there is no such image.
   */
  prepareImage(
    reference: string | null,
    signal: AbortSignal,
    onLine: (line: string) => void,
  ): Promise<string | null>;
  /** Images last seen on this machine, under the names that `normalImage` gives them, with their sizes; at most 1,000. */
  images(): { reference: string; size_bytes: number }[];
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
  /** Opens a shell with the running session's view of things; `spec` is as the session was started with. */
  enter(
    launched: Launched,
    spec: LaunchSpec,
    size: TerminalSize,
    onData: (bytes: Uint8Array) => void,
  ): Promise<Terminal>;
  /** Asks the attempt's processes to end (SIGTERM). */
  terminate(launched: Launched): Promise<void>;
  /** Kills whatever is left of the attempt and resolves only when nothing is, with how it ended. May be repeated. */
  killAndConfirm(attempt: AttemptRef & { handle: string | null }): Promise<Ending>;
  /** Removes what an earlier runner on this data folder left that belongs to none of these attempts. */
  sweep(attemptIds: ReadonlySet<string>): Promise<void>;
}
