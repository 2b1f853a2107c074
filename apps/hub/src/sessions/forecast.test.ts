import { expect, test } from "bun:test";
import { resourcesSchema } from "@podium/shared";
import type { Snapshot } from "../scheduling/index.ts";
import { forecastStart } from "./forecast.ts";

const HOUR = 3_600_000;
const gpus = (count: number) => resourcesSchema.parse({ gpus: count, cpu_milli: 100 });

const node = (id: string, devices: number, free: number): Snapshot["nodes"][number] => ({
  id,
  name: id,
  freeCpuMilli: 64_000,
  freeMemoryBytes: 2 ** 40,
  devices: Array.from({ length: devices }, (_, index) => ({
    id: `${id}-${index}`,
    model: "H100",
    freeMilli: index < devices - free ? 0 : 1000,
  })),
  runsImages: false,
  takesGangs: true,
  draining: false,
  rack: null,
  cached: new Set(),
  environments: new Set(),
  images: new Set(),
  bandwidth: 1e9,
});

const waits = (sessionId: string, count: number, hours: number | null, parts = 1, priority = 0) => ({
  sessionId,
  teamId: "team",
  resources: gpus(count),
  image: null,
  since: Number(sessionId.slice(1)),
  limitMs: hours === null ? null : hours * HOUR,
  parts,
  urgency: 0,
  priority,
  preemptible: false,
  trees: [],
  imageBytes: null,
  environment: null,
  tried: new Map<string, number>(),
});

const runs = (nodeId: string, devices: number[], hours: number | null, isEnding = false) => ({
  sessionId: `running-${nodeId}-${devices}`,
  teamId: "others",
  resources: gpus(devices.length),
  parts: [{ nodeId, deviceIds: devices.map((index) => `${nodeId}-${index}`), milli: 1000 }],
  endsAt: hours === null ? null : hours * HOUR,
  urgency: 0,
  preemptible: false,
  isEnding,
  atRiskSeconds: 0,
});

const snapshot = (
  nodes: Snapshot["nodes"],
  running: Snapshot["running"],
  pending: Snapshot["pending"],
): Snapshot => ({ now: 0, nodes, running, pending, usage: new Map([["others", 2]]), mix: [] });

test("what is ahead is given what it needs for as long as its limit is; what is behind changes nothing", () => {
  const at = snapshot(
    [node("a", 2, 0)],
    [runs("a", [0], 1), runs("a", [1], 3)],
    [waits("s1", 2, 5), waits("s2", 1, 1), waits("s3", 1, 1), waits("s4", 2, 9)],
  );
  // s1 needs both GPUs and has them from 3 to 8. s4 waits for that alone: s2 and s3 are through by then.
  expect(["s1", "s4"].map((id) => forecastStart(at, id))).toEqual([3 * HOUR, 8 * HOUR]);
  // The GPU that is free from 1 on is kept for s1 from 3 on: s2 fits in between, and s3 after it.
  expect(["s2", "s3"].map((id) => forecastStart(at, id))).toEqual([HOUR, 2 * HOUR]);
});

test("a gang starts when there is room for all of it; what is ending counts as gone", () => {
  const at = snapshot(
    [node("a", 1, 0), node("b", 1, 0)],
    [runs("a", [0], 1), runs("b", [0], 4, true)],
    [waits("s1", 1, 2, 2), waits("s2", 1, 1, 2)],
  );
  expect(["s1", "s2"].map((id) => forecastStart(at, id))).toEqual([HOUR, 3 * HOUR]);
});

test("nothing is foretold where something without a limit is in the way, or no room can ever be", () => {
  const endless = snapshot([node("a", 1, 0)], [runs("a", [0], null)], [waits("s1", 1, 1)]);
  expect(forecastStart(endless, "s1")).toBeNull();
  const ahead = snapshot([node("a", 1, 0)], [runs("a", [0], 1)], [waits("s1", 1, null), waits("s2", 1, 1)]);
  expect(forecastStart(ahead, "s1")).toBe(HOUR);
  expect(forecastStart(ahead, "s2")).toBeNull();
  expect(forecastStart(snapshot([node("a", 1, 1)], [], [waits("s1", 2, 1)]), "s1")).toBeNull();
  expect(forecastStart(ahead, "unknown")).toBeNull();
});

test("one that fits now starts now", () => {
  expect(forecastStart(snapshot([node("a", 1, 1)], [], [waits("s1", 1, 1)]), "s1")).toBe(0);
});
