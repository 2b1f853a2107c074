import { expect, test } from "bun:test";
import { msLeft } from "./guard.ts";

const STARTED = new Date("2026-01-01T12:00:00Z");
const after = (ms: number) => new Date(STARTED.getTime() + ms);

test("a session has what is left of its time, also when it is taken over by another runner", () => {
  expect(msLeft(STARTED, 60_000, STARTED)).toBe(60_000);
  expect(msLeft(STARTED, 60_000, after(45_000))).toBe(15_000);
  expect(msLeft(STARTED, 60_000, after(61_000))).toBe(0);
});

test("a clock that was set back gives nobody more than all of it", () => {
  expect(msLeft(STARTED, 60_000, after(-3_600_000))).toBe(60_000);
});
