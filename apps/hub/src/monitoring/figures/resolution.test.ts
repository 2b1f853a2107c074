import { expect, test } from "bun:test";
import { chooseReading, DEFAULT_KEPT, stepOf } from "./resolution.ts";

const HOUR = 3_600_000;
const now = new Date("2026-06-01T00:00:00Z");
const last = (hours: number, points = 360, until = 0) =>
  chooseReading(
    {
      from: new Date(now.getTime() - (hours + until) * HOUR),
      to: new Date(now.getTime() - until * HOUR),
      points,
    },
    now,
    DEFAULT_KEPT,
  );

test("short spans are told in samples, longer ones in minutes and hours", () => {
  expect(last(0.5)).toEqual({ seconds: 10, stepSeconds: 10 });
  expect(last(5)).toEqual({ seconds: 10, stepSeconds: 60 });
  expect(last(24)).toEqual({ seconds: 60, stepSeconds: 300 });
  expect(last(24 * 30)).toEqual({ seconds: 3600, stepSeconds: 10_800 });
});

test("what is too long ago for samples is told in the finest figures that are still there", () => {
  expect(last(0.5, 360, 24)).toEqual({ seconds: 60, stepSeconds: 60 });
  expect(last(0.5, 360, 24 * 20)).toEqual({ seconds: 3600, stepSeconds: 3600 });
  expect(last(1, 360, 24 * 5000)).toEqual({ seconds: 3600, stepSeconds: 3600 });
});

test("there are never more points than asked for, wherever the span begins", () => {
  for (const hours of [0.01, 0.3, 1, 5.5, 6, 30, 335, 400, 17_000])
    for (const points of [1, 2, 7, 300, 1000])
      for (const shift of [0, 0.0007, 0.31]) {
        const { stepSeconds } = last(hours, points, shift);
        const first = stepOf(new Date(now.getTime() - (hours + shift) * HOUR), stepSeconds).getTime();
        const end = now.getTime() - shift * HOUR;
        // A single point can't help but be cut in two where the span crosses a step.
        expect(Math.ceil((end - first) / 1000 / stepSeconds)).toBeLessThanOrEqual(Math.max(2, points));
      }
});
