import { expect, test } from "bun:test";
import { randomSession, randomSnapshot, session } from "../testing/clusters.ts";
import { seeded } from "../testing/random.ts";
import { Cluster } from "../testing/told-cluster.ts";
import { decide } from "./decide.ts";
import type { NodeSupply } from "./snapshot.ts";

const MINUTE_MS = 60_000;
const LARGE = "z-large";

/** 121 nodes and 151 sessions, which run for an hour at the most; on one node alone a session of 16 devices fits. */
function startOf(seed: number): Cluster {
  const given = randomSnapshot(seed, { pending: 150, nodes: 120 });
  const nodes = given.nodes.map((each) => ({ ...each, freeCpuMilli: Math.max(0, each.freeCpuMilli) }));
  const devices = Array.from({ length: 16 }, (_, at) => ({
    id: `big-${at}`,
    model: "H100",
    freeMilli: 1000,
  }));
  const big = {
    ...(nodes[0] as NodeSupply),
    id: "big",
    name: "big",
    draining: false,
    runsImages: true,
    devices,
  };
  const limitMs = 30 * MINUTE_MS;
  const pending = given.pending.map((each) => ({
    ...each,
    limitMs: Math.min(each.limitMs ?? limitMs, limitMs),
  }));
  const cluster = new Cluster({ ...given, nodes: [...nodes, { ...big, freeCpuMilli: 64_000 }], pending });
  cluster.submit(
    session(LARGE, { gpus: 16 }, { teamId: "team-large", since: given.now, limitMs: MINUTE_MS }),
  );
  return cluster;
}

/** Does one thing at random, or what was asked for by the turn before. */
function happen(cluster: Cluster, { int, pick }: ReturnType<typeof seeded>, step: number): void {
  const what = int(9);
  const supply = pick([...cluster.nodes.values()].filter(({ id }) => id !== "big"));
  if (what < 2 && cluster.running.size > 0) cluster.end(pick([...cluster.running.keys()]));
  else if (what === 2) cluster.setNode({ ...supply, draining: !supply.draining });
  else if (what === 3)
    cluster.setNode({ ...supply, cached: new Set([`t${int(5)}`]), bandwidth: 1e7 + int(1e9) });
  else if (what === 4) cluster.removeNode(supply.id);
  else if (what === 5) {
    const devices = [0, 1, 2, 3].map((at) => ({ id: `j${step}-${at}`, model: "A100", freeMilli: 1000 }));
    cluster.setNode({
      ...supply,
      id: `j${step}`,
      name: `j${step}`,
      draining: false,
      freeCpuMilli: 9000,
      devices,
    });
  } else if (what === 6 && cluster.pending.size > 1)
    cluster.withdraw(pick([...cluster.pending.keys()].filter((id) => id !== LARGE)));
  else {
    const limitMs = pick([10, 30, 60]) * MINUTE_MS;
    const id = `${pick(["a", "t"])}${String(step).padStart(4, "0")}`;
    cluster.submit(randomSession(id, step * 7919 + int(1000), { since: cluster.now, limitMs }));
  }
}

/** What has reached its limit ends; what was asked to make room saves and is queued again. */
function passTime(cluster: Cluster, ms: number, asked: readonly string[]): void {
  cluster.now += ms;
  for (const sessionId of asked) {
    const holder = cluster.running.get(sessionId);
    if (!holder) continue;
    cluster.end(sessionId);
    const { teamId, resources, urgency, parts } = holder;
    const more = { teamId, urgency, parts: parts.length, since: cluster.now, limitMs: 30 * MINUTE_MS };
    cluster.submit(session(sessionId, resources, { ...more, preemptible: true }));
  }
  for (const { sessionId, endsAt } of [...cluster.running.values()])
    if (endsAt !== null && endsAt <= cluster.now) cluster.end(sessionId);
}

/** Nothing is held twice, and no more than there is. */
function expectNothingTwice(cluster: Cluster): void {
  for (const { id, freeCpuMilli, freeMemoryBytes, devices } of cluster.nodes.values()) {
    const least = Math.min(freeCpuMilli, freeMemoryBytes, ...devices.map(({ freeMilli }) => freeMilli));
    expect([id, least < 0]).toEqual([id, false]);
    expect(devices.every(({ freeMilli }) => freeMilli <= 1000)).toBe(true);
  }
  for (const { parts, sessionId } of cluster.running.values()) {
    const devices = parts.flatMap(({ deviceIds, milli }) => (milli === 1000 ? deviceIds : []));
    expect([sessionId, new Set(devices).size]).toEqual([sessionId, devices.length]);
  }
}

test("after each of many events a scheduler that was told decides as a new one, holds nothing twice, starves nobody", () => {
  const seen = { preemptions: 0, placements: 0 };
  for (let seed = 1; seed <= 4; seed++) {
    const random = seeded(seed * 1009);
    const cluster = startOf(seed);
    let asked: string[] = [];
    let largeStarted: number | null = null;
    for (let step = 0; step < 80; step++) {
      const fresh = decide(cluster.snapshot());
      const turn = cluster.turn();
      expect(turn).toEqual({ placements: fresh.placements, preemptions: fresh.preemptions });
      expect(cluster.scheduler.reservations()).toEqual(fresh.reservations);
      expect(cluster.scheduler.left()).toEqual(fresh.left);
      expectNothingTwice(cluster);
      if (turn.placements.some(({ sessionId }) => sessionId === LARGE)) largeStarted ??= step;
      seen.placements += turn.placements.length;
      seen.preemptions += turn.preemptions.length;
      passTime(cluster, random.int(10) * MINUTE_MS, asked);
      asked = turn.preemptions.map(({ sessionId }) => sessionId);
      happen(cluster, random, step);
    }
    expect([seed, largeStarted]).not.toEqual([seed, null]);
  }
  expect(seen.placements).toBeGreaterThan(400);
  expect(seen.preemptions).toBeGreaterThan(0);
}, 60_000);
