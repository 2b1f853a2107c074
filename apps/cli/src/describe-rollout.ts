import { printable } from "./output.ts";
import { formatTime } from "./quantities.ts";
import type { Rollout } from "./types.ts";

const STATES: Record<Rollout["state"], string> = {
  running: "is under way",
  paused: "is paused",
  promoted: "was promoted",
  rolled_back: "was rolled back",
  aborted: "was ended by hand",
};

/** A canary for people: where it stands, what it waits for, and what it did and why. */
export function describeRollout(endpoint: string, rollout: Rollout): string {
  const { version, state, steps, step, waits_for, log } = rollout;
  const at = step < 0 ? "compared as a shadow" : `at ${steps[step] ?? 100} %`;
  const live = rollout.ended_at === null ? `, ${at}` : "";
  const lines = [
    `The canary of version ${version} of ${endpoint} ${STATES[state]}${live}.`,
    ...(waits_for === null ? [] : [`It waits for ${waits_for}.`]),
    ...log.map((entry) => `  ${formatTime(entry.at)}  ${entry.text}`),
  ];
  return printable(lines.join("\n"));
}
