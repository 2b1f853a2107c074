import { constants } from "node:os";
import type { SessionFailure } from "@podium/shared";
import type { Cause } from "./attempt-state.ts";

const MAX_LINE = 300;

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
}

/** Why a session failed, or null when it succeeded or was stopped on request. */
export function failureOf(ended: EndedProcess): SessionFailure | null {
  if (ended.cause?.type === "failure") return ended.cause.failure;
  if (ended.cause) return null;
  if (ended.exit_code === 0) return null;
  if (ended.reported) return ended.reported;
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
