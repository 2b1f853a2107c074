import { findSession } from "../../apps/hub/src/sessions/store.ts";
import { whyWaiting } from "../../apps/hub/src/sessions/why.ts";
import { isLive, isOver } from "./invariants/invariant.ts";
import { type Observation, outboxSize } from "./observation.ts";
import type { Simulation } from "./simulation.ts";

/** All scripts, leases, retries and grace periods together take less. */
export const SETTLES_WITHIN_MS = 20 * 60_000;

/**
 * What has not come to rest yet. Once nothing goes wrong any more, every session ends, is paused or waits for a stated
 * reason, no device is held, no credit is reserved, every submission has ended, no process is left and no event is under way.
 */
export async function unsettled(now: Observation, sim: Simulation): Promise<string[]> {
  const left = [
    ...now.sessions
      .filter((each) => !isOver(each) && each.state !== "queued" && each.state !== "paused")
      .map(({ id, state }) => `${id} is ${state}`),
    ...now.attempts.filter(isLive).map(({ id, state }) => `${id} is ${state}`),
    ...now.allocations.filter(({ released }) => !released).map(({ device_id }) => `${device_id} is held`),
    ...now.slices
      .filter(({ state }) => state === "open")
      .map(({ attempt_id }) => `credit is reserved for ${attempt_id}`),
    ...now.submissions
      .filter(({ state }) => state !== "scored" && state !== "failed")
      .filter((each) => !isAskedForLater(each, now, sim))
      .map(({ id, state }) => `${id} is ${state}`),
    ...sim.machines.flatMap(({ node, processes }) =>
      [...processes.keys()].map((id) => `${id} runs on ${node.name}`),
    ),
    ...sim.machines.flatMap(({ node, disk }) =>
      [...disk.keys()].map((id) => `${id} is on the disk of ${node.name}`),
    ),
    ...sim.machines
      .filter(({ node, isGone }) => !isGone && now.nodes.find(({ id }) => id === node.id)?.state !== "ready")
      .map(({ node }) => `${node.name} is not ready`),
    ...(sim.queue.open > 0 ? [`${sim.queue.open} jobs are open`] : []),
  ];
  const outbox = left.length === 0 ? await outboxSize(sim.connection) : 0;
  if (outbox > 0) left.push(`${outbox} events were not relayed`);
  for (const { id, state } of now.sessions) {
    if (left.length > 0 || state !== "queued") continue;
    if (!(await hasReason(sim, id))) left.push(`${id} waits without a reason`);
  }
  return left;
}

/**
 * A hub whose clock was ahead has asked for its inference at a time that is yet to come: it may wait, for a reason like
 * every session, and is given up that much later.
 */
function isAskedForLater(submission: Observation["submissions"][number], now: Observation, sim: Simulation) {
  const session = now.sessions.find(({ id }) => id === submission.infer_session_id);
  return (
    submission.state === "inferring" && session?.state === "queued" && session.created_ms > sim.world.nowMs
  );
}

/** A session may wait for ever only for what every node lacks. */
async function hasReason(sim: Simulation, sessionId: string): Promise<boolean> {
  const hub = sim.anyHub();
  const session = hub ? await findSession(hub.ctx.db, { id: sessionId }) : null;
  if (!hub || !session) return false;
  const { position, nodes } = await whyWaiting(hub.ctx, session);
  return position !== null && nodes.length > 0;
}
