import { expect, test } from "bun:test";
import { desiredReplicas, type Load, type ScalingMemory, type ScalingSettings } from "./desired-replicas.ts";

const SETTINGS: ScalingSettings = {
  minReplicas: 1,
  maxReplicas: 8,
  targetLoad: 10,
  scaleDownMs: 60_000,
  idleMs: 300_000,
};
const FRESH: ScalingMemory = { wanted: 1, dipSince: null, dipPeak: 0, busyAt: null };
const TURN_MS = 2_000;

/** Plays turns of the autoscaler; `loadAt` says what is inside at each, given what is wanted by then. */
function play(
  settings: Partial<ScalingSettings>,
  turns: number,
  loadAt: (turn: number, wanted: number) => Load | null,
  memory: ScalingMemory = FRESH,
): { wanted: number[]; memory: ScalingMemory } {
  const wanted: number[] = [];
  let current = memory;
  for (let turn = 0; turn < turns; turn += 1) {
    const load = loadAt(turn, current.wanted);
    current = desiredReplicas(load, { ...SETTINGS, ...settings }, current, turn * TURN_MS);
    wanted.push(current.wanted);
  }
  return { wanted, memory: current };
}

const inside = (count: number): Load => ({ queued: count / 2, inFlight: count / 2 });

/** A generator of numbers in [0, 1) from a seed. */
function randomOf(seed: number) {
  let state = seed + 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test("whatever the load does, it never wants fewer than the minimum or more than the maximum", () => {
  for (let seed = 0; seed < 200; seed += 1) {
    const random = randomOf(seed);
    const minReplicas = Math.floor(random() * 4);
    const maxReplicas = Math.max(1, minReplicas + Math.floor(random() * 6));
    const { wanted } = play({ minReplicas, maxReplicas, scaleDownMs: random() * 20_000 }, 100, () =>
      random() < 0.1 ? null : inside(random() < 0.3 ? 0 : Math.floor(random() ** 3 * 500)),
    );
    expect(Math.min(...wanted)).toBeGreaterThanOrEqual(minReplicas);
    expect(Math.max(...wanted)).toBeLessThanOrEqual(maxReplicas);
  }
});

test("it wants enough for a load in the turn that sees it, and keeps to that while the load stays", () => {
  for (let count = 1; count <= 120; count += 1) {
    const { wanted } = play({}, 200, () => inside(count));
    expect(new Set(wanted)).toEqual(new Set([Math.min(8, Math.ceil(count / 10))]));
  }
});

test("a load that swings within the window changes nothing but once", () => {
  for (let seed = 0; seed < 50; seed += 1) {
    const random = randomOf(seed);
    const { wanted } = play({}, 500, (turn) => inside(turn % 10 === 0 ? 60 : 20 + random() * 40));
    expect(new Set(wanted)).toEqual(new Set([6]));
  }
});

test("fewer are wanted once fewer were enough for the whole time, and then as many as were needed in it", () => {
  const high = play({}, 5, () => inside(80)).memory;
  const { wanted } = play({}, 40, (turn) => inside(turn === 10 ? 35 : 15), { ...high, busyAt: 0 });
  expect(wanted.slice(0, 30)).toEqual(Array(30).fill(8));
  expect(wanted[30]).toBe(4);
  const later = play({}, 62, (turn) => inside(turn === 10 ? 35 : 15), { ...high, busyAt: 0 });
  expect(later.wanted.at(-1)).toBe(2);
});

test("the last goes after the idle time without any call, and comes back with the first one", () => {
  const settings = { minReplicas: 0, idleMs: 20_000 };
  const called = play(settings, 5, () => inside(3)).memory;
  const { wanted, memory } = play(settings, 30, (turn) => inside(turn === 5 ? 1 : 0), {
    ...called,
    busyAt: 0,
  });
  expect(wanted.slice(0, 15)).toEqual(Array(15).fill(1));
  expect(wanted.slice(15)).toEqual(Array(15).fill(0));
  expect(desiredReplicas(inside(1), { ...SETTINGS, ...settings }, memory, 1e6).wanted).toBe(1);
  expect(play(settings, 10, () => inside(0), memory).wanted).toEqual(Array(10).fill(0));
});

test("with a minimum the last ones stay however long nobody calls", () => {
  const { wanted } = play({ minReplicas: 2 }, 1_000, () => inside(0), { ...FRESH, wanted: 2 });
  expect(new Set(wanted)).toEqual(new Set([2]));
});

test("silent gateways are no reason to take replicas away", () => {
  const high = play({}, 5, () => inside(80)).memory;
  expect(new Set(play({}, 500, () => null, high).wanted)).toEqual(new Set([8]));
});

test("new limits hold at once", () => {
  const high = play({}, 5, () => inside(80)).memory;
  expect(desiredReplicas(null, { ...SETTINGS, maxReplicas: 3 }, high, 20_000).wanted).toBe(3);
  expect(desiredReplicas(inside(0), { ...SETTINGS, minReplicas: 8, maxReplicas: 9 }, FRESH, 0).wanted).toBe(
    8,
  );
});

/**
 * Calls arrive at a constant rate; a replica answers so many a second and takes a while to load. What a replica can
 * have inside without a queue is its target.
 */
function simulate(rate: number, perReplica: number, startMs: number, turns: number) {
  let queue = 0;
  const readyAt = [0];
  const seen: { wanted: number; queue: number }[] = [];
  play({ maxReplicas: 20 }, turns, (turn, wanted) => {
    const now = turn * TURN_MS;
    while (readyAt.length < wanted) readyAt.push(now + startMs);
    readyAt.length = Math.max(1, wanted);
    const ready = readyAt.filter((at) => at <= now).length;
    const arrived = rate * (TURN_MS / 1000);
    const answered = Math.min(queue + arrived, ready * perReplica * (TURN_MS / 1000));
    queue += arrived - answered;
    seen.push({ wanted, queue });
    const serving = (answered / (ready * perReplica * (TURN_MS / 1000))) * ready * SETTINGS.targetLoad;
    return { queued: queue, inFlight: serving };
  });
  return seen;
}

test("under a constant rate the queue goes away within a bounded time, and the number of replicas comes to rest", () => {
  for (const rate of [5, 40, 95, 150, 290]) {
    for (const startMs of [0, 10_000, 40_000]) {
      const seen = simulate(rate, 20, startMs, 600);
      const enough = Math.ceil(rate / 20);
      const firstEnough = seen.findIndex(({ wanted }) => wanted >= enough);
      expect(firstEnough).toBeLessThanOrEqual(3);
      const late = seen.slice(300);
      expect(Math.max(...late.map(({ queue }) => queue))).toBe(0);
      expect(new Set(late.map(({ wanted }) => wanted)).size).toBe(1);
    }
  }
});
