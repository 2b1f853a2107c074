import { expect, test } from "bun:test";
import { readTime } from "./read-time.ts";

test.each([
  ["2026-01-31", "2026-01-31T00:00:00Z", true],
  ["2026-01-31 12:30", "2026-01-31T12:30:00Z", true],
  ["2026-1-3 9:05:07", "2026-01-03T09:05:07Z", true],
  ["2026-01-31T12:30:00Z", "2026-01-31T12:30:00Z", false],
  ["2026-01-31 12:30:00+02:00", "2026-01-31T10:30:00Z", false],
  ["2026-01-31 12:30:00 -0330", "2026-01-31T16:00:00Z", false],
])("%s is %s", (text, iso, assumedUtc) => {
  expect(readTime(text)).toEqual({ iso, assumedUtc });
});

test.each(["tomorrow", "31/01/2026", "2026-02-31", "2026-13-01", "2026-01-31 25:00", ""])(
  "%p is no time",
  (text) => {
    expect(readTime(text)).toBeNull();
  },
);
