import { constants } from "node:os";
import type { SessionFailure } from "@podium/shared";
import type { Cause } from "./attempt-state.ts";
import { diskFull, logTooLong, mayBeProcesses, outOfMemory, tooManyProcesses } from "./failures.ts";

const MAX_LINE = 300;
/** What libc, Python and the SDK say of these; a script may have met a limit earlier and failed of something else. */
const NO_SPACE = /No space left|Errno 28|ENOSPC|Bus error|SIGBUS/i;
const NO_PROCESS = /temporarily unavailable|Errno 11|EAGAIN|BlockingIOError|start new thread/i;

export interface EndedProcess {
  /** Why the runner ended it, if it did. */
  cause: Cause | null;
  /** 128 + n for signal n; null when nobody could record it. */
  exit_code: number | null;
  /** What the SDK said before the end. */
  reported: SessionFailure | null;
  /** The last line of the log that is not blank. */
  last_line: string | null;
  machine_restarted: boolean;
  /** The kernel killed it at its memory limit. */
  oom: boolean;
  /** Why neither the session nor the runner ended it, when that is so. */
  lost: string | null;
  /** It had used up its disk, or its log, or was refused a process, at some time. */
  ran_into: { disk: boolean; log: boolean; processes: boolean };
  limits: { memory_bytes: number; disk_bytes: number; log_bytes: number; processes: number };
}

/** Why a session failed, or null when it succeeded or was stopped on request. */
export function failureOf(ended: EndedProcess): SessionFailure | null {
  if (ended.cause?.type === "failure") return ended.cause.failure;
  if (ended.cause) return null;
  if (ended.exit_code === 0) return null;
  const { limits, ran_into } = ended;
  if (ended.oom) return outOfMemory(limits.memory_bytes, null);
  if (ended.lost) return plain("node_lost", ended.lost);
  const said = ended.reported ?? ownFailure(ended);
  if (said.code !== "user_error") return said;
  // Its next line found no room before the runner noticed.
  if (ran_into.log && NO_SPACE.test(said.message))
    return { ...logTooLong(limits.log_bytes), location: said.location };
  if (ran_into.disk && NO_SPACE.test(said.message)) return because(said, diskFull(limits.disk_bytes));
  if (ran_into.processes && NO_PROCESS.test(said.message))
    return because(said, tooManyProcesses(limits.processes, null));
  // It may have ended before anybody saw the kernel refuse: then its words are all there is, and they are ambiguous.
  if (NO_PROCESS.test(said.message)) return { ...said, hint: said.hint ?? mayBeProcesses(limits.processes) };
  return said;
}

/** What the script said of its end, told by the limit that it ran into. */
function because(said: SessionFailure, limit: SessionFailure): SessionFailure {
  return { ...limit, message: `${limit.message} It ended with: ${said.message}`, location: said.location };
}

function ownFailure(ended: EndedProcess): SessionFailure {
  if (ended.exit_code === null && ended.machine_restarted) {
    return plain("node_lost", "The machine was restarted while the session ran.");
  }
  const said = ended.last_line ? `: ${ended.last_line.trim().slice(0, MAX_LINE)}` : ".";
  return plain("user_error", `The script ${wayOfEnding(ended.exit_code)}${said}`);
}

function wayOfEnding(exitCode: number | null): string {
  if (exitCode === null) return "was killed from inside the session";
  const signal = exitCode > 128 ? signalName(exitCode - 128) : null;
  return signal ? `was ended by the signal ${signal}` : `exited with code ${exitCode}`;
}

function signalName(number: number): string | null {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? null;
}

const plain = (code: SessionFailure["code"], message: string): SessionFailure => ({
  code,
  message,
  location: null,
  hint: null,
});
