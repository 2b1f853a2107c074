import type { Assignment, SessionFailure } from "@podium/shared";
import type { Clock } from "../clock.ts";
import type { Executor, Launched, Usage } from "../executors/executor.ts";
import type { DiskWatch } from "../scratch/disk-watch.ts";
import { diskFull, outOfMemory, size, tooManyProcesses } from "./failures.ts";
import type { LogTail } from "./log-tail.ts";
import { MAX_SPOOL_BYTES, type Spool } from "./spool.ts";

export interface GuardOptions {
  executor: Executor;
  launched: Launched;
  assignment: Assignment;
  startedAt: Date;
  maxProcesses: number;
  tail: LogTail;
  disk: DiskWatch;
  spool: Spool;
  clock: Clock;
  /** `at_once`: the machine or its other users suffer while the session goes on. */
  onBreach(failure: SessionFailure, urgency: "at_once" | "with_grace"): void;
  /** The kernel has refused it a process; it goes on. */
  onRefusedProcess(): void;
}

/** Watches a running session's limits and reads its log, ten times a second. Returns the way to stop it. */
export function guard(options: GuardOptions): () => void {
  const { executor, launched, assignment, tail, disk, spool, clock } = options;
  const deadlineMs = clock.elapsedMs() + msLeft(options.startedAt, assignment.timeout_ms, clock.now());
  return executor.watch(launched, assignment.resources.memory_bytes, (usage) => {
    void tail.poll();
    void disk.poll().then((isTooMuch) => {
      if (isTooMuch) options.onBreach(diskFull(assignment.resources.disk_bytes), "at_once");
    });
    if (usage.processes_refused) options.onRefusedProcess();
    const exceeded = exceededLimit(usage, options);
    if (exceeded) options.onBreach(exceeded, "at_once");
    else if (spool.durableBytes > MAX_SPOOL_BYTES) options.onBreach(tooMuchReported(), "at_once");
    else if (clock.elapsedMs() > deadlineMs) options.onBreach(timeout(assignment), "with_grace");
  });
}

/**
 * How much of its time a session has left, ms. Asked once, when it is begun or taken over: after that only durations
 * count, so that a clock which is set right ends nothing.
 */
export function msLeft(startedAt: Date, timeoutMs: number, now: Date): number {
  return Math.min(Math.max(0, startedAt.getTime() + timeoutMs - now.getTime()), timeoutMs);
}

function exceededLimit(usage: Usage, { assignment, maxProcesses }: GuardOptions): SessionFailure | null {
  const limit = assignment.resources.memory_bytes;
  if (usage.memory_bytes > limit) return outOfMemory(limit, usage.memory_bytes);
  if (usage.processes > maxProcesses) return tooManyProcesses(maxProcesses, usage.processes);
  return null;
}

function timeout(assignment: Assignment): SessionFailure {
  return {
    code: "timeout",
    message: `The session ran longer than its time limit of ${assignment.timeout_ms / 1000} s.`,
    location: null,
    hint: "Ask for more time, or save checkpoints and go on from the last one.",
  };
}

function tooMuchReported(): SessionFailure {
  return {
    code: "user_error",
    message: `The session reported more than ${size(MAX_SPOOL_BYTES)} of metrics and logs.`,
    location: null,
    hint: "Report less often.",
  };
}
