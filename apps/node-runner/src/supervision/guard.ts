import type { Assignment, SessionFailure } from "@podium/shared";
import type { Clock } from "../clock.ts";
import type { Executor, Launched, Usage } from "../executors/executor.ts";
import type { LogTail } from "./log-tail.ts";
import { MAX_SPOOL_BYTES, type Spool } from "./spool.ts";

const MIB = 1024 ** 2;

export interface GuardOptions {
  executor: Executor;
  launched: Launched;
  assignment: Assignment;
  startedAt: Date;
  maxProcesses: number;
  tail: LogTail;
  spool: Spool;
  clock: Clock;
  /** `at_once`: the machine or its other users suffer while the session goes on. */
  onBreach(failure: SessionFailure, urgency: "at_once" | "with_grace"): void;
}

/** Watches a running session's limits and reads its log, ten times a second. Returns the way to stop it. */
export function guard(options: GuardOptions): () => void {
  const { executor, launched, assignment, tail, spool } = options;
  const deadlineMs = options.startedAt.getTime() + assignment.timeout_ms;
  return executor.watch(launched, assignment.resources.memory_bytes, (usage) => {
    void tail.poll();
    const exceeded = exceededLimit(usage, options);
    if (exceeded) options.onBreach(exceeded, "at_once");
    else if (spool.durableBytes > MAX_SPOOL_BYTES) options.onBreach(tooMuchReported(), "at_once");
    else if (options.clock.now().getTime() > deadlineMs) options.onBreach(timeout(assignment), "with_grace");
  });
}

function exceededLimit(usage: Usage, { assignment, maxProcesses }: GuardOptions): SessionFailure | null {
  const limit = assignment.resources.memory_bytes;
  if (usage.memory_bytes > limit) {
    return {
      code: "out_of_memory",
      message: `The session used ${mib(usage.memory_bytes)} of memory; its limit is ${mib(limit)}.`,
      location: null,
      hint: "Ask for more memory, or load less at a time (smaller batches, streaming).",
    };
  }
  if (usage.processes > maxProcesses) {
    return {
      code: "user_error",
      message: `The session started ${usage.processes} processes; ${maxProcesses} are allowed.`,
      location: null,
      hint: "Use fewer workers.",
    };
  }
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
    message: `The session reported more than ${mib(MAX_SPOOL_BYTES)} of metrics and logs.`,
    location: null,
    hint: "Report less often.",
  };
}

/** What a session is told that wrote more log than is kept. */
export function logTooLong(maxBytes: number): SessionFailure {
  return {
    code: "user_error",
    message: `The session wrote more than ${mib(maxBytes)} of log.`,
    location: null,
    hint: "Print less often; write large output into files.",
  };
}

const mib = (bytes: number) => `${Math.ceil(bytes / MIB)} MiB`;
