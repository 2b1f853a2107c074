import { expect, test } from "bun:test";
import type { SessionFailure } from "@podium/shared";
import { isDue, mayTryAgain, waitAfterFailures, waitAfterFaults } from "./retry.ts";

const failed = (code: SessionFailure["code"]) => ({ code, message: "m", location: null, hint: null });

test("the first fault of a node is no reason to wait; then the waits double, up to ten minutes", () => {
  expect([1, 2, 3, 4, 20].map(waitAfterFaults)).toEqual([0, 10_000, 20_000, 40_000, 600_000]);
  expect([1, 2, 3, 20].map(waitAfterFailures)).toEqual([10_000, 20_000, 40_000, 600_000]);
});

test("a failure of one's own is tried again only when asked for, and never what would fail alike", () => {
  expect(mayTryAgain({ retries: 0, retriesUsed: 0 }, failed("user_error"))).toBe(false);
  expect(mayTryAgain({ retries: 2, retriesUsed: 1 }, failed("user_error"))).toBe(true);
  expect(mayTryAgain({ retries: 2, retriesUsed: 2 }, failed("user_error"))).toBe(false);
  expect(mayTryAgain({ retries: 2, retriesUsed: 0 }, failed("timeout"))).toBe(false);
  expect(mayTryAgain({ retries: 2, retriesUsed: 0 }, failed("credits_exhausted"))).toBe(false);
});

test("a wait is over when its time has come, and so is one that only a wrong clock can have set", () => {
  const now = new Date("2026-01-01T00:00:00Z");
  const inMs = (ms: number) => new Date(now.getTime() + ms);
  expect([-1, 0, 1, 600_000, 600_001, 3_600_000].map((ms) => isDue(inMs(ms), now))).toEqual([
    true,
    true,
    false,
    false,
    true,
    true,
  ]);
});
