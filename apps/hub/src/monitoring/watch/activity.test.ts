import { expect, test } from "bun:test";
import { activityOf, type Signs } from "./activity.ts";

const at = (minutes: number) => new Date(Date.UTC(2026, 0, 1, 12, minutes));
const idle: Signs = { ackedSeq: 5, cpuMs: 1000, gpuShare: 0 };

/** How long ago it was last active, minutes, after signs that were seen a minute apart. */
function idleMinutes(...signs: Partial<Signs>[]): number {
  let known = activityOf(null, idle, at(0));
  for (const [index, sign] of signs.entries()) known = activityOf(known, { ...idle, ...sign }, at(index + 1));
  return (at(signs.length).getTime() - known.activeAt.getTime()) / 60_000;
}

test("without records, processor time or GPU work an attempt is idle from when it was first seen", () => {
  expect(idleMinutes({}, {}, {})).toBe(3);
});

test("each of them is activity, and what can't be measured may be", () => {
  expect(idleMinutes({}, {}, { ackedSeq: 6 })).toBe(0);
  expect(idleMinutes({}, {}, { cpuMs: 1601 })).toBe(0);
  expect(idleMinutes({}, {}, { gpuShare: 0.02 })).toBe(0);
  expect(idleMinutes({}, {}, { gpuShare: null })).toBe(0);
  expect(idleMinutes({}, {}, { cpuMs: null })).toBe(0);
});

test("a process that only wakes up to look around is idle", () => {
  expect(idleMinutes({ cpuMs: 1300 }, { cpuMs: 1600, gpuShare: 0.01 })).toBe(2);
});

test("a runner that counts anew makes no activity of what is counted twice", () => {
  expect(idleMinutes({ cpuMs: 900_000 }, { cpuMs: 200 }, { cpuMs: 250 })).toBe(2);
});
