import type { Clock } from "../clock.ts";
import type { Executor } from "../executors/executor.ts";
import type { BuildSettings } from "./settings.ts";

/** All that a build needs to know. */
export interface BuildInput {
  /** the hub's name for what is built */
  key: string;
  /** by which what runs of this build is found again */
  marker: string;
  /** the environment's own folder; `files` in it holds the files that say what to install */
  folder: string;
  image: string | null;
  executor: Executor;
  settings: BuildSettings;
  clock: Clock;
  startedMs: number;
  onLine(line: string): void;
  signal: AbortSignal;
}
