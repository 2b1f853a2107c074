import type { Simulation } from "../simulation.ts";
import type { FaultKind } from "./kinds.ts";

/** What can be done to the world, and after how long it is mended. */
type Blow = (sim: Simulation) => void;

const SHORT: [number, number] = [500, 12_000];
/** Longer than a lease. */
const LONG: [number, number] = [22_000, 60_000];

function outage(sim: Simulation): number {
  return sim.world.between(...(sim.world.oneIn(2) ? LONG : SHORT));
}

function killHub(sim: Simulation): void {
  const hub = sim.anyHub();
  if (!hub) return;
  const { world } = sim;
  if (world.oneIn(3)) world.after(0, () => hub.die("at once"));
  else
    hub.gate.trap = {
      how: world.oneIn(4) ? "dies after the commit" : "dies",
      statements: world.between(1, 30),
    };
  world.after(outage(sim), () => {
    if (hub.isDead) return sim.addHub();
    hub.gate.trap = null;
  });
}

function killRunner(sim: Simulation): void {
  const machine = sim.world.random.pick(sim.machines);
  machine.killRunner();
  sim.world.after(outage(sim), () => machine.startRunner());
}

function turnOff(sim: Simulation): void {
  const machine = sim.world.random.pick(sim.machines);
  if (machine.isOff) return;
  machine.turnOff();
  if (sim.world.oneIn(4) && sim.machines.some((each) => each !== machine && !each.isGone)) machine.vanish();
  else sim.world.after(outage(sim), () => machine.turnOn());
}

function cutOff(sim: Simulation): void {
  const { name } = sim.world.random.pick(sim.machines).node;
  // What mends a short cut must not mend a longer one.
  if (sim.network.isCut(name)) return;
  sim.network.cut(name);
  sim.world.after(outage(sim), () => sim.network.heal(name));
}

function breakDatabase(sim: Simulation): void {
  const { world, server } = sim;
  const hub = sim.anyHub();
  if (hub && !world.oneIn(3)) {
    const how = world.oneIn(3) ? "does not hear of the commit" : "loses its connection";
    hub.gate.trap = { how, statements: world.between(1, 30) };
    return;
  }
  server.isDown = true;
  world.tell("database", "is down");
  world.after(outage(sim), () => {
    server.isDown = false;
    world.tell("database", "is up again");
  });
}

function fillDisk(sim: Simulation): void {
  const { world } = sim;
  const full = world.oneIn(2) ? sim.server : world.random.pick(sim.machines);
  const name = "node" in full ? full.node.name : "database";
  full.isFull = true;
  world.tell(name, "has a full disk");
  world.after(outage(sim), () => {
    full.isFull = false;
    world.tell(name, "has room again");
  });
}

function jump(sim: Simulation): void {
  const { world } = sim;
  const byMs = world.random.pick([-3_600_000, -20_000, 20_000, 3_600_000]);
  const hub = world.oneIn(2) ? sim.anyHub() : null;
  const clock = hub ?? world.random.pick(sim.machines);
  clock.offsetMs = byMs;
  world.tell("node" in clock ? clock.node.name : clock.name, `its clock jumps by ${byMs / 1000} s`);
}

const BLOWS: [FaultKind, Blow][] = [
  ["crashes", killHub],
  ["crashes", killRunner],
  ["crashes", turnOff],
  // Twice as often as others: only so a lease runs out while what it was for goes on.
  ["partitions", cutOff],
  ["partitions", cutOff],
  ["database", breakDatabase],
  ["disk full", fillDisk],
  ["skew", jump],
];

/** Strikes now and then, with what the seed allows, until there is nothing left that it allows. */
export function storm(sim: Simulation): void {
  const { world } = sim;
  world.after(world.between(500, 14_000), () => {
    const allowed = BLOWS.filter(([kind]) => sim.faults.has(kind));
    if (allowed.length === 0) return;
    world.random.pick(allowed)[1](sim);
    storm(sim);
  });
}

/** Nothing goes wrong any more, and what was broken is mended. */
export function calm(sim: Simulation): void {
  sim.faults.clear();
  sim.network.heal();
  Object.assign(sim.server, { isDown: false, isFull: false });
  for (const hub of sim.hubs) hub.gate.trap = null;
  if (sim.hubs.length === 0) sim.addHub();
  for (const machine of sim.machines) {
    machine.isFull = false;
    machine.turnOn();
    machine.startRunner();
  }
  sim.world.tell("world", "is well again");
}
