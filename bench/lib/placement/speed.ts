import { Scheduler } from "../../../apps/hub/src/scheduling/scheduler.ts";
import { seeded } from "../../../apps/hub/src/testing/random.ts";
import { demandsOf } from "./policies.ts";
import { pendingOf, supplyOf, type Workload } from "./workload.ts";

const HOUR_MS = 3_600_000;
const TEAMS = 100;

export interface Speed {
  /** all that waits when the nodes are empty, in one turn */
  fillPerSecond: number;
  filled: number;
  /** one event after another on a full cluster: a session ends, one comes, a turn */
  eventsPerSecond: number;
  placementsPerSecond: number;
  /** the same, where a turn takes what has happened in a while together */
  batchedPlacementsPerSecond: number;
}

/** Decisions a second with so many nodes and so many sessions that wait; teams, time limits and waiting times differ. */
export function measureSpeed(workload: Workload, nodes: number, pending: number, events: number): Speed {
  const { int, pick } = seeded(4);
  const tasks = workload.tasks;
  const scheduler = new Scheduler({ mix: demandsOf(tasks), usage: new Map() });
  for (let index = 0; index < nodes; index++) {
    const machine = workload.machines[index % workload.machines.length];
    if (machine) scheduler.setNode(supplyOf({ ...machine, name: `node-${String(index).padStart(6, "0")}` }));
  }
  let count = 0;
  const makeUp = (now: number) => {
    const id = `task-${String(count++).padStart(9, "0")}`;
    const when = { since: now - int(HOUR_MS), limitMs: pick([HOUR_MS, 4 * HOUR_MS, 24 * HOUR_MS]) };
    return pendingOf(id, pick(tasks), { teamId: `team-${int(TEAMS)}`, ...when });
  };
  let now = 100 * HOUR_MS;
  const running: string[] = [];
  const turn = () => {
    const { placements } = scheduler.decide(now);
    for (const { sessionId } of placements) running.push(sessionId);
    return placements.length;
  };
  /** Time of the turns and of telling what has happened, not of making up tasks. */
  const run = (changes: number, perTurn: number) => {
    const coming = Array.from({ length: changes }, (_, at) => makeUp(now + 1000 * at));
    let placed = 0;
    const started = cpuMs();
    for (let done = 0; done < changes; done += perTurn) {
      now += 1000 * perTurn;
      for (const session of coming.slice(done, done + perTurn)) {
        scheduler.end(take(running, int(running.length)));
        scheduler.submit(session);
      }
      placed += turn();
    }
    return { placed, seconds: (cpuMs() - started) / 1000 };
  };

  // Enough to fill every node, and as many again as are to wait.
  for (let index = 0; index < pending; index++) scheduler.submit(makeUp(now));
  const began = cpuMs();
  let filled = turn();
  const fillSeconds = (cpuMs() - began) / 1000;
  const first = filled;
  while (scheduler.waiting.size < pending) {
    while (scheduler.waiting.size < pending) scheduler.submit(makeUp(now));
    filled += turn();
  }
  run(events / 10, 1);
  const single = run(events, 1);
  // So many that it is not chance whether the garbage of what came before is collected meanwhile.
  const batched = run(4 * events, 50);
  return {
    fillPerSecond: first / fillSeconds,
    filled,
    eventsPerSecond: events / single.seconds,
    placementsPerSecond: single.placed / single.seconds,
    batchedPlacementsPerSecond: batched.placed / batched.seconds,
  };
}

/** Takes one out, and puts the last in its place. */
function take(ids: string[], at: number): string {
  const id = ids[at] ?? "";
  const last = ids.pop() ?? "";
  if (at < ids.length) ids[at] = last;
  return id;
}

/** Time that this process has had a processor for, ms: what else the machine does counts less in it. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
