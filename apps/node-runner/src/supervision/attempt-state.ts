import { readFileSync } from "node:fs";
import { type Assignment, assignmentSchema, sessionFailureSchema } from "@podium/shared";
import { z } from "zod";
import { isErrno, readIfThere, writeDurably } from "../data/files.ts";
import type { Executor } from "../executors/executor.ts";
import type { AttemptFolder } from "./attempt-folder.ts";

const RETRY_MS = 500;

/** A name that the kernel gives itself anew at every start of the machine. */
export function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

/** Why the runner ends an attempt. The first cause stands; it is on disk before the first signal is sent. */
export const causeSchema = z.discriminatedUnion("type", [
  /** the hub wanted it */
  z.object({ type: z.literal("stop"), reason: z.string() }),
  /** the hub does not know it any more: nothing is reported */
  z.object({ type: z.literal("discard"), reason: z.string() }),
  /** `make_room`: the machine's disk is full, so what the session wrote goes first */
  z.object({
    type: z.literal("failure"),
    failure: sessionFailureSchema,
    make_room: z.boolean().optional(),
  }),
]);
export type Cause = z.infer<typeof causeSchema>;

/**
 * What must survive the runner. `starting` stands between the decision to start the process and its pid being
 * written down; `exited` means that no process is left; `ended` that the last record is in the spool.
 */
const stateSchema = z.object({
  phase: z.enum(["preparing", "starting", "running", "stopping", "exited", "ended"]),
  executor: z.enum(["process", "docker"]).default("process"),
  /** what the executor calls what it started */
  handle: z.string().nullable(),
  /** tells a process that is gone from a machine that was restarted */
  boot_id: z.string(),
  confined: z.boolean(),
  /** name of what its code has installed, which must not be evicted while it runs */
  environment: z.string().nullable().default(null),
  started_at: z.string().nullable(),
  ended_at: z.string().nullable(),
  exit_code: z.number().int().nullable(),
  oom: z.boolean().default(false),
  lost: z.string().nullable().default(null),
  /** its process had to be ended: it did not end by itself */
  was_ended: z.boolean().default(false),
  cause: causeSchema.nullable(),
  failure: sessionFailureSchema.nullable(),
  final_seq: z.number().int().nullable(),
});
export type AttemptState = z.infer<typeof stateSchema>;

/** Runners before the executors' own handles wrote down a process here. */
const earlierSchema = z
  .looseObject({ process: z.object({ pid: z.number().int(), start_time: z.number() }).nullable() })
  .transform(({ process, ...rest }) => ({
    ...rest,
    handle: process && `${process.pid}:${process.start_time}`,
  }));

export function parseState(text: string): AttemptState {
  const saved: unknown = JSON.parse(text);
  return stateSchema.parse(earlierSchema.safeParse(saved).data ?? saved);
}

export function newState({ name, confined }: Pick<Executor, "name" | "confined">): AttemptState {
  return {
    phase: "preparing",
    executor: name,
    handle: null,
    boot_id: bootId(),
    confined,
    environment: null,
    started_at: null,
    ended_at: null,
    exit_code: null,
    oom: false,
    lost: null,
    was_ended: false,
    cause: null,
    failure: null,
    final_seq: null,
  };
}

/** How an attempt that has not ended yet is called where people see it. */
export function shownPhase({ phase, cause }: AttemptState): "preparing" | "running" | "stopping" {
  if (phase === "preparing" || phase === "starting") return "preparing";
  return phase === "running" && !cause ? "running" : "stopping";
}

/** Writes the state; on a full disk it waits for room, since what follows relies on it, and says so to `onFull`. */
export async function saveState(folder: AttemptFolder, state: AttemptState, onFull: () => Promise<void>) {
  for (;;) {
    try {
      return await writeDurably(folder.state, JSON.stringify(state));
    } catch (error) {
      if (!isErrno(error, "ENOSPC", "EDQUOT")) throw error;
      await onFull();
      await Bun.sleep(RETRY_MS);
    }
  }
}

export async function saveAssignment(folder: AttemptFolder, assignment: Assignment) {
  await writeDurably(folder.assignment, JSON.stringify(assignment));
}

/** What an earlier runner left of an attempt; null when it did not get as far as writing it down. */
export async function loadAttempt(folder: AttemptFolder) {
  const [assignment, state] = await Promise.all([readIfThere(folder.assignment), readIfThere(folder.state)]);
  if (assignment === null || state === null) return null;
  return {
    assignment: assignmentSchema.parse(JSON.parse(assignment)),
    state: parseState(state),
  };
}
