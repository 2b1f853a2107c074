import type { SessionFailure } from "@podium/shared";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** Ends an attempt with exactly this failure. */
export class AttemptFailure extends Error {
  constructor(readonly failure: SessionFailure) {
    super(failure.message);
  }
}

/** The session used up what it may write. */
export function diskFull(limitBytes: number, what = "The session filled its disk"): SessionFailure {
  return {
    code: "disk_full",
    message: `${what}; its limit is ${size(limitBytes)}.`,
    location: null,
    hint: "Ask for more with --disk, or write less: remove temporary files, keep fewer checkpoints.",
  };
}

/** `used`: bytes, or null when only the kernel saw it. */
export function outOfMemory(limitBytes: number, used: number | null): SessionFailure {
  const what =
    used === null
      ? `The session reached its memory limit of ${size(limitBytes)} and was killed.`
      : `The session used ${size(used)} of memory; its limit is ${size(limitBytes)}.`;
  return {
    code: "out_of_memory",
    message: what,
    location: null,
    hint: "Ask for more memory, or load less at a time (smaller batches, streaming).",
  };
}

/** `refused`: what was started beyond the limit, where it was counted. */
export function tooManyProcesses(limit: number, started: number | null): SessionFailure {
  const what =
    started === null
      ? `The session had ${limit} processes and was refused more.`
      : `The session started ${started} processes; ${limit} are allowed.`;
  return { code: "user_error", message: what, location: null, hint: "Use fewer workers." };
}

/** What a session is told that wrote more log than is kept. */
export function logTooLong(maxBytes: number): SessionFailure {
  return {
    code: "user_error",
    message: `The session wrote more than ${size(maxBytes)} of log.`,
    location: null,
    hint: "Print less often; write large output into files.",
  };
}

/** As `logTooLong`, of one whose lines are short. */
export function tooManyLines(maxLines: number): SessionFailure {
  return {
    code: "user_error",
    message: `The session wrote more than ${maxLines} lines of log.`,
    location: null,
    hint: "Print less often; write large output into files.",
  };
}

/**
 * A model that neither answers nor can be interrupted.
 * @param onnx the ONNX file that it is; null: a script
 */
export function modelHangs(onnx: string | null): SessionFailure {
  const what = onnx === null ? "infer" : `A run of ${onnx}`;
  return {
    code: "user_error",
    message: `${what} did not come back for longer than any of its callers waits, and could not be interrupted.`,
    location: null,
    hint:
      onnx === null
        ? "Look for what it waits on: a lock, a connection without a time limit, native code that does not end."
        : "Look for a Loop whose end depends on the input, and bound it; or give calls more time with the endpoint's timeout.",
  };
}

/**
 * An ONNX file that has not become ready in time, milliseconds. A loop that does not end looks like a model that is too
 * large, so it is told how to find out which it is.
 */
export function modelStartsTooLong(onnx: string, limitMs: number): SessionFailure {
  return {
    code: "timeout",
    message: `${onnx} was not ready within ${limitMs / 1000} s: loading it and its first run, with zeros, did not end.`,
    location: null,
    hint: "Run it with zeros on your own machine. If that ends, bind it with more CPUs; if not, look for a Loop without an end.",
  };
}

/** For an error that a refused process gives, and other things too. */
export function mayBeProcesses(limit: number): string {
  return `If it was starting a process or thread: a session may have ${limit} at once. Use fewer workers.`;
}

/** Whole GiB as such, everything else in MiB, rounded up. */
export function size(bytes: number): string {
  return bytes >= GIB && bytes % GIB === 0 ? `${bytes / GIB} GiB` : `${Math.ceil(bytes / MIB)} MiB`;
}
