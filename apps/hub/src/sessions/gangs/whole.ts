import type { SessionState } from "@podium/shared";
import { type Ending, hasFailed, isPlatformFault } from "../ending.ts";
import type { AttemptRow } from "../store.ts";

const ORDER = ["placing", "preparing", "running", "stopping"] as const;

export function isOver({ state }: Pick<AttemptRow, "state">): boolean {
  return state === "ended" || state === "lost";
}

/** True when a member has not come to a good end: the others can't go on without it. */
export function hasFallen(members: readonly AttemptRow[]): boolean {
  return members.some((member) => isOver(member) && hasFailed(member));
}

/** The state that a gang's session is in while no one asked it to stop: as far as its slowest member. */
export function stateOf(members: readonly AttemptRow[]): Extract<SessionState, (typeof ORDER)[number]> {
  // One that ends by itself is `stopping` for a moment; to the gang it runs until it has ended.
  const reached = members.map((member) =>
    isOver(member) ? 2 : Math.min(ORDER.indexOf(member.state as never), 2),
  );
  return ORDER[Math.min(...reached)] ?? "placing";
}

/** When the first member began to run; null before. */
export function startOf(members: readonly AttemptRow[]): Date | null {
  const times = members.flatMap(({ startedAt }) => startedAt?.getTime() ?? []);
  return times.length === 0 ? null : new Date(Math.min(...times));
}

/**
 * How a gang has ended of which no member is left, as if it had been one attempt. Its cause is a fault of the platform
 * where there was one, for that makes the others fail too; else the failure that came first. Members that were told to
 * end because of it have none of their own.
 */
export function wholeEnding(members: readonly AttemptRow[]): Ending {
  const endOf = ({ endedAt, createdAt }: AttemptRow) => (endedAt ?? createdAt).getTime();
  const failed = members.filter(hasFailed);
  const [cause] = failed.sort(
    (a, b) =>
      Number(isPlatformFault(b.failure)) - Number(isPlatformFault(a.failure)) ||
      Number(b.failure !== null) - Number(a.failure !== null) ||
      endOf(a) - endOf(b) ||
      a.rank - b.rank,
  );
  return {
    exitCode: cause ? cause.exitCode : 0,
    failure: cause?.failure
      ? { ...cause.failure, message: `Member ${cause.rank}: ${cause.failure.message}` }
      : null,
    endedAt: new Date(Math.max(...members.map(endOf))),
    wasEnded: members.some(({ wasEnded }) => wasEnded !== false),
  };
}
