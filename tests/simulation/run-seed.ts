import { govern, live } from "./actors/people.ts";
import { describe, type World } from "./engine/world.ts";
import { chooseFaults } from "./faults/kinds.ts";
import { calm, storm } from "./faults/storm.ts";
import { INVARIANTS } from "./invariants/all.ts";
import { type Observation, observe } from "./observation.ts";
import { SETTLES_WITHIN_MS, unsettled } from "./settling.ts";
import { type Ground, Simulation } from "./simulation.ts";
import type { Planted } from "./stage.ts";

/** A world that goes on for ever without time passing is a bug of the simulation. */
const MOST_STEPS = 60_000;
const LOOK_EVERY_MS = 3_000;
/** A new leader waits for a lease's time before it takes anything back: nothing happens until that is over. */
const LEADS_FOR_MS = 30_000;

export interface Outcome {
  seed: number;
  /** what must not have happened; empty: the seed is well */
  violations: string[];
  /** all that happened, a line each */
  story: string[];
  /** what it was about, for counting what simulations reach */
  reached: Record<string, number>;
}

/** Plays a seed from the beginning to its rest, and takes everything back. The same seed always gives the same story. */
export async function runSeed(
  ground: Ground,
  seed: number,
  planted: Planted | null = null,
): Promise<Outcome> {
  const { connection } = ground;
  await connection.begin();
  try {
    const sim = new Simulation(ground, seed, chooseFaults, planted);
    await play(sim);
    const { violations, story } = sim.world;
    return { seed, violations, story, reached: count(story) };
  } finally {
    await connection.rollback();
  }
}

async function play(sim: Simulation): Promise<void> {
  const { world, connection } = sim;
  world.tell("world", `faults: ${[...sim.faults].join(", ") || "none"}`);
  connection.setTime(world.nowMs);
  let before = await observe(connection, null, connection.written);
  connection.written.clear();
  const lastsMs = world.random.pick([25_000, 50_000, 50_000, 80_000]);
  const endsAt = world.nowMs + LEADS_FOR_MS + lastsMs;
  sim.startHubs();
  world.after(LEADS_FOR_MS, () => {
    sim.startMachines();
    govern(sim);
    live(sim, () => world.nowMs >= endsAt);
    storm(sim);
  });
  world.after(LEADS_FOR_MS + lastsMs, () => calm(sim));

  let lookAt = endsAt + LOOK_EVERY_MS;
  for (let steps = 0; world.violations.length === 0; steps++) {
    if (!(await world.step())) return world.violate("nothing goes on any more");
    connection.setTime(world.nowMs);
    if (steps > MOST_STEPS) return world.violate(`after ${steps} steps it still goes on`);
    if (connection.written.size === 0 && world.nowMs < lookAt) continue;
    const now = await observe(connection, before, connection.written);
    connection.written.clear();
    tellChanges(world, now, before);
    check(sim, now, before);
    before = now;
    if (world.nowMs < lookAt || world.violations.length > 0) continue;
    lookAt = world.nowMs + LOOK_EVERY_MS;
    const left = await unsettled(now, sim);
    if (left.length === 0) return world.tell("world", "is at rest");
    if (world.nowMs > endsAt + SETTLES_WITHIN_MS)
      for (const each of left.slice(0, 5)) world.violate(`does not settle: ${each}`);
  }
}

/** What becomes of sessions is part of the story: events name only some of it. */
function tellChanges(world: World, now: Observation, before: Observation): void {
  if (now.sessions === before.sessions) return;
  const known = new Map(before.sessions.map((session) => [session.id, session.state]));
  for (const { id, state, nodes, stop_reason: reason } of now.sessions) {
    if (known.get(id) === state) continue;
    const where = state === "running" && nodes > 1 ? ` on ${nodes} nodes` : "";
    world.tell("sessions", `${id} is ${state}${where}${reason ? `: ${reason}` : ""}`);
  }
}

function check(sim: Simulation, now: Observation, before: Observation): void {
  for (const invariant of INVARIANTS) {
    try {
      for (const violation of invariant(now, before, sim)) sim.world.violate(violation);
    } catch (error) {
      sim.world.violate(`an invariant can't be checked: ${describe(error)}`);
    }
  }
}

const COUNTED: Record<string, RegExp> = {
  placements: /event +session\.placed/,
  ends: /event +session\.ended/,
  requeued: /event +session\.queued/,
  "leases that ran out": /a lease ran out/,
  "void decisions": /a decision was void/,
  scored: /event +submission\.scored/,
  "failed submissions": /event +submission\.failed/,
  "rounds closed": /event +round\.closed/,
  "credit exhausted": /event +credits\.exhausted/,
  gangs: /sessions +ses-\d+ is running on \d+ nodes/,
  "shares of devices": / runs on \d+ thousandths/,
  paused: /sessions +ses-\d+ is paused/,
  resumed: / resumes a session: ses/,
  forked: / forks a session: ses/,
  "tried again": /sessions +ses-\d+ is retrying/,
  moved: /sessions +ses-\d+ is stopping: moved/,
  "made room": /sessions +ses-\d+ is stopping: makes room/,
  "submissions given up": /a submission was given up/,
  "clocks jumped": / its clock jumps by/,
  "full disks": / has a full disk/,
  "hubs died": / hub-\d+ +dies/,
  "attempts dropped": / drops att/,
};

function count(story: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    Object.entries(COUNTED).map(([name, pattern]) => [
      name,
      story.filter((line) => pattern.test(line)).length,
    ]),
  );
}
