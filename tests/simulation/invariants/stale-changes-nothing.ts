import { type Invariant, isLive, isOver } from "./invariant.ts";

/** They have no attempt; the next one will have a higher epoch. */
const AT_REST = ["queued", "retrying", "paused"];

/**
 * Invariant 2: an attempt that is over is never written to again, a session that has ended stays as it is, and one that
 * was interrupted has let go of its attempt.
 */
export const staleChangesNothing: Invariant = (now, before) => [
  ...now.attempts.flatMap((attempt) => {
    const was = before.attempts.find(({ id }) => id === attempt.id);
    if (!was || isLive(was) || Bun.deepEquals(was, attempt)) return [];
    return `invariant 2: ${attempt.id} of epoch ${attempt.epoch} was over and has changed from ${JSON.stringify(was)} to ${JSON.stringify(attempt)}`;
  }),
  ...now.attempts.flatMap((attempt) => {
    const session = now.sessions.find(({ id }) => id === attempt.session_id);
    const isCurrent = session?.epoch === attempt.epoch && session.attempt_id !== null;
    if (!isLive(attempt) || (isCurrent && (attempt.rank > 0 || session.attempt_id === attempt.id))) return [];
    return `invariant 2: ${attempt.id} of epoch ${attempt.epoch} lives, and its session is at ${session?.attempt_id} of epoch ${session?.epoch}`;
  }),
  ...now.sessions.flatMap(({ id, state, attempt_id, after_stop }) => {
    if (AT_REST.includes(state) && attempt_id !== null)
      return `invariant 2: ${id} is ${state} and is still at ${attempt_id}`;
    return after_stop !== null && state !== "stopping"
      ? `invariant 2: ${id} is ${state}, and still to be ${after_stop}`
      : [];
  }),
  ...now.sessions.flatMap((session) => {
    const was = before.sessions.find(({ id }) => id === session.id);
    if (!was) return [];
    if (session.epoch < was.epoch)
      return `invariant 2: the epoch of ${session.id} went from ${was.epoch} to ${session.epoch}`;
    if (!isOver(was) || Bun.deepEquals(was, session)) return [];
    return `invariant 2: ${session.id} was ${was.state} and became ${session.state}`;
  }),
];
