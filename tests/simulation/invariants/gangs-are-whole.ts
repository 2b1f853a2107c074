import { type Invariant, isLive, isOver } from "./invariant.ts";

/** A gang is placed with all its members or not at all, and its session is over when the last of them is. */
export const gangsAreWhole: Invariant = (now) =>
  now.sessions
    .filter(({ nodes }) => nodes > 1)
    .flatMap((session) => {
      const { id, nodes, state, epoch, attempt_id } = session;
      const own = now.attempts.filter((attempt) => attempt.session_id === id);
      const byEpoch = Map.groupBy(own, (attempt) => attempt.epoch);
      const torn = [...byEpoch].find(([, members]) => members.length !== nodes);
      if (torn) return `gangs: ${id} has ${torn[1].length} of ${nodes} members in epoch ${torn[0]}`;
      const members = byEpoch.get(epoch) ?? [];
      if (attempt_id !== null && !isOver(session) && !members.some(isLive))
        return `gangs: ${id} is ${state}, and no member of it is left`;
      const running = members.filter((member) => member.state === "running" || !isLive(member)).length;
      return state === "running" &&
        running + members.filter((each) => each.state === "stopping").length < nodes
        ? `gangs: ${id} is running with ${running} of ${nodes} members`
        : [];
    });
