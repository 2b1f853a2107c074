import { expect, test } from "bun:test";
import { placeInQueue } from "./place-in-queue.ts";

test("the sooner a submission's turn, the sooner it is scored; all priorities are ones that the queue takes", () => {
  const now = Date.parse("2026-01-01T12:00:00Z");
  const places = [now, now + 60_000, now + 59 * 60_000].map(placeInQueue);
  expect(places.toSorted((a, b) => a - b)).toEqual(places);
  expect(new Set(places).size).toBe(3);
  for (const turn of [undefined, 0, now, now + 1e13]) {
    expect(placeInQueue(turn)).toBeGreaterThanOrEqual(1);
    expect(placeInQueue(turn)).toBeLessThan(2 ** 21);
  }
});
