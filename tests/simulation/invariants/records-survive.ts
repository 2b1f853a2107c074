import { type Invariant, isLive } from "./invariant.ts";

/**
 * Invariant 7: what the hub has acknowledged it holds, each record once and in order, and a session shows itself as
 * ended only when everything that its spool has taken is there.
 */
export const recordsSurvive: Invariant = (now, _before, sim) =>
  now.attempts.flatMap((attempt) => {
    const saved = sim.machines.find(({ node }) => node.id === attempt.node_id)?.disk.get(attempt.id);
    if (!saved) return [];
    const { spool, acked, state } = saved;
    if (attempt.acked_seq > spool.length)
      return `invariant 7: the hub has ${attempt.acked_seq} records of ${attempt.id}, and it wrote ${spool.length}`;
    if (acked > attempt.acked_seq)
      return `invariant 7: the hub acknowledged ${acked} records of ${attempt.id} and has ${attempt.acked_seq}`;
    const lines = spool.slice(0, attempt.acked_seq).filter(({ type }) => type === "log").length;
    if (lines !== attempt.lines)
      return `invariant 7: the hub has ${attempt.lines} of the first ${lines} lines of ${attempt.id}`;
    if (isLive(attempt) || attempt.state === "lost" || state.cause?.type === "discard") return [];
    if (state.phase !== "ended" || attempt.acked_seq < spool.length)
      return `invariant 7: ${attempt.id} shows itself as ended with ${attempt.acked_seq} of ${spool.length} records`;
    return [];
  });
