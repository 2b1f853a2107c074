import { expect, test } from "bun:test";
import { between, duration, relativeTime, shortTime } from "./time.ts";

const at = "2026-03-01T12:00:00Z";
const noon = Date.parse(at);

test("recent moments are told by their distance", () => {
  expect(relativeTime(at, noon + 2_000)).toBe("just now");
  expect(relativeTime(at, noon + 40_000)).toBe("40 sec. ago");
  expect(relativeTime(at, noon + 3 * 60_000)).toBe("3 min. ago");
  expect(relativeTime(at, noon - 2 * 3_600_000)).toBe("in 2 hr.");
  expect(relativeTime(at, noon + 25 * 3_600_000)).toBe("yesterday");
});

test("moments beyond a week are told by their date", () => {
  expect(relativeTime(at, noon + 30 * 86_400_000)).toBe(shortTime(at));
});

test("durations use two units at most", () => {
  expect([12, 12_400, 200_000, 7_500_000, 3_600_000, 349_200_000].map(duration)).toEqual([
    "12 ms",
    "12.4 s",
    "3 min 20 s",
    "2 h 5 min",
    "1 h",
    "4 d 1 h",
  ]);
});

test("what has not ended lasts until now; clocks that disagree never give a negative time", () => {
  expect(between(at, null, noon + 5_000)).toBe(5_000);
  expect(between(at, "2026-03-01T12:01:00Z", noon)).toBe(60_000);
  expect(between(at, null, noon - 5_000)).toBe(0);
});
