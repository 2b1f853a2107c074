import type { Observation } from "../observation.ts";
import type { Simulation } from "../simulation.ts";
import { type Invariant, isLive } from "./invariant.ts";

/** Thousandths. */
const WHOLE_DEVICE = 1000;

/**
 * Invariant 1: a device is never held by two live attempts (or by shares that are more than all of it), and is freed only after the runner has confirmed that
 * nothing is left on it, or its lease has run out and the node has been fenced.
 */
export const oneDeviceOneAttempt: Invariant = (now, before, sim) => [
  ...heldOnce(now),
  ...heldByTheLiving(now),
  ...freedWithReason(now, before, sim),
  ...fencedWhileStale(now, sim),
  ...runAlone(sim),
];

function heldOnce({ allocations, devices }: Observation): string[] {
  const holders = Map.groupBy(
    allocations.filter(({ released }) => !released),
    ({ device_id }) => device_id,
  );
  return devices.flatMap(({ id, held_milli }) => {
    const all = holders.get(id) ?? [];
    const held = all.reduce((sum, { milli }) => sum + milli, 0);
    if (held > WHOLE_DEVICE)
      return `invariant 1: ${id} is held by ${all.map((each) => each.attempt_id).join(" and ")}`;
    return held === held_milli ? [] : `invariant 1: ${held} of ${id} are held, and it says ${held_milli}`;
  });
}

/** Who lives holds all its devices, as much of each as was asked for; who does not holds none. */
function heldByTheLiving({ attempts, allocations, sessions }: Observation): string[] {
  return attempts.flatMap((attempt) => {
    const own = allocations.filter((each) => each.attempt_id === attempt.id && !each.released);
    const asked = sessions.find(({ id }) => id === attempt.session_id)?.resources;
    const wanted = isLive(attempt) ? (asked?.gpus ?? 0) : 0;
    if (own.length !== wanted)
      return `invariant 1: ${attempt.id} is ${attempt.state} and holds ${own.length} devices, not ${wanted}`;
    const wrong = own.find(({ milli }) => milli !== asked?.gpu_milli);
    return wrong
      ? `invariant 1: ${attempt.id} holds ${wrong.milli} of ${wrong.device_id}, not ${asked?.gpu_milli}`
      : [];
  });
}

function freedWithReason(now: Observation, before: Observation, sim: Simulation): string[] {
  const wasHeld = new Set(before.allocations.filter(({ released }) => !released).map(({ id }) => id));
  return now.allocations.flatMap(({ id, released, attempt_id, device_id }) => {
    if (!released || !wasHeld.has(id)) return [];
    const attempt = now.attempts.find((each) => each.id === attempt_id);
    const machine = sim.machines.find(({ node }) => node.id === attempt?.node_id);
    const node = now.nodes.find((each) => each.id === attempt?.node_id);
    if (!machine?.processes.has(attempt_id)) return [];
    if (attempt?.state === "lost" && node?.state === "lost") return [];
    return `invariant 1: ${device_id} was freed while ${attempt_id} runs on it, on a node that is ${node?.state}`;
  });
}

/** A node gets something new only when nothing runs there that was given to others since. */
function fencedWhileStale({ attempts, nodes }: Observation, sim: Simulation): string[] {
  return sim.machines.flatMap(({ node, processes }) => {
    if (nodes.find(({ id }) => id === node.id)?.state !== "ready") return [];
    return [...processes.values()].flatMap(({ attemptId, exitCode }) => {
      const attempt = attempts.find(({ id }) => id === attemptId);
      if (exitCode !== null || (attempt && isLive(attempt))) return [];
      return `invariant 1: ${node.id} is ready and still runs ${attemptId}, which is ${attempt?.state ?? "unknown"}`;
    });
  });
}

/** On the machine itself: whatever the database thinks, processes never use more of a device than there is. */
function runAlone(sim: Simulation): string[] {
  return sim.machines.flatMap(({ node, processes }) => {
    const users = [...processes.values()].flatMap(({ attemptId, devices, milli, exitCode }) =>
      exitCode === null ? devices.map((device) => ({ device, milli, attemptId })) : [],
    );
    const shared = [...Map.groupBy(users, ({ device }) => device)].filter(
      ([, all]) => all.reduce((sum, { milli }) => sum + milli, 0) > WHOLE_DEVICE,
    );
    return shared.map(
      ([device, all]) =>
        `invariant 1: ${all.map(({ attemptId }) => attemptId).join(" and ")} run on device ${device} of ${node.id}`,
    );
  });
}
