import { join } from "node:path";
import { z } from "zod";
import { readIfThere, writeDurably } from "../../data/files.ts";
import type { Ending } from "../executor.ts";

const endingSchema = z.object({
  exit_code: z.number().nullable(),
  oom: z.boolean(),
  lost: z.string().nullable(),
});

/** How a container ended is on the disk before it is removed: the daemon forgets it with the container. */
export async function saveEnding(folder: string, ending: Ending) {
  await writeDurably(join(folder, "exit.json"), JSON.stringify(ending));
}

export async function savedEnding(folder: string): Promise<Ending | null> {
  const text = await readIfThere(join(folder, "exit.json"));
  return text === null ? null : endingSchema.parse(JSON.parse(text));
}

export interface ContainerState {
  ExitCode: number;
  OOMKilled: boolean;
  Error: string;
}

export interface Seen {
  /** The runner itself killed it. */
  killed: boolean;
  /** Was it watched to its end? Then nobody but the session can have ended it. */
  watched: "to its end" | "until the daemon went away" | "by nobody";
  /** The kernel was seen to kill one of its processes at the memory limit. */
  oom: boolean;
}

const LOST: Record<Seen["watched"], string | null> = {
  "to its end": null,
  "until the daemon went away":
    "Docker was restarted on the session's machine, and the session's container was ended with it.",
  "by nobody":
    "The session's container was killed while no runner watched it: Docker or the machine was restarted.",
};

/** SIGKILL and SIGTERM from outside, and what Docker says when it does not know. */
const ENDED_FROM_OUTSIDE = [137, 143, 255];

/** Judges an ended container. A daemon that is restarted without live-restore takes its containers with it. */
export function endingOf({ ExitCode, OOMKilled }: ContainerState, seen: Seen): Ending {
  const oom = OOMKilled || seen.oom;
  const fromOutside = ENDED_FROM_OUTSIDE.includes(ExitCode);
  const isLost = fromOutside && !oom && !seen.killed && seen.watched !== "to its end";
  return { exit_code: ExitCode, oom, lost: isLost ? LOST[seen.watched] : null };
}
