import type { RunningAttempt } from "./store.ts";

type Member = Pick<RunningAttempt, "name" | "rank" | "members">;

/**
 * Whom something is said of, as the beginning of a sentence: a session, or which members of a gang. `has` agrees with it.
 * @param some  members of one session, one at least
 */
export function whoOf(some: readonly Member[]): { who: string; has: string; holds: string } {
  const { name = "", members = 1 } = some[0] ?? {};
  if (members === 1) return { who: name, has: "has", holds: "holds" };
  if (some.length === 1) return { who: `Member ${some[0]?.rank} of ${name}`, has: "has", holds: "holds" };
  const which =
    some.length === members ? `All ${members} members` : `Members ${some.map(({ rank }) => rank).join(", ")}`;
  return { who: `${which} of ${name}`, has: "have", holds: "each hold" };
}
