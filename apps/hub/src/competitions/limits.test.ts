import { expect, test } from "bun:test";
import { dayStart, isRefunded, limitReached } from "./limits.ts";

const none = { all: 0, today: 0, pending: 0, refundedToday: 0 };
const limits = { per_day: 3, total: 10, pending: 2, infer_timeout: "1m", memory_bytes: 1, file_bytes: 1 };

test("an entrant below all limits may submit; at any of them it may not, and hears which", () => {
  expect(limitReached(none, limits, 60)).toBeNull();
  expect(limitReached({ all: 9, today: 2, pending: 1, refundedToday: 99 }, limits, 60)).toBeNull();
  expect(limitReached({ ...none, all: 10 }, limits, 60)).toMatchObject({ retryAfterSeconds: null });
  expect(limitReached({ ...none, pending: 2 }, limits, 60)?.message).toContain("under way");
  expect(limitReached({ ...none, today: 3 }, limits, 60)).toMatchObject({ retryAfterSeconds: 60 });
});

test("limits that were overshot stay limits", () => {
  expect(limitReached({ ...none, all: 11 }, limits, 60)).not.toBeNull();
  expect(limitReached({ ...none, today: 4 }, limits, 60)).not.toBeNull();
});

test("the platform's faults cost nothing; an entrant's own by the contest's rule, up to its bound", () => {
  const rule = { refund: true, per_day: 2 };
  expect([0, 1, 2, 3].map((refunded) => isRefunded(rule, false, refunded))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(isRefunded({ refund: false, per_day: 2 }, false, 0)).toBe(false);
  expect(isRefunded({ refund: false, per_day: 0 }, true, 99)).toBe(true);
});

test("a day begins at midnight UTC", () => {
  expect(dayStart(new Date("2026-03-01T23:59:59.999Z"))).toEqual(new Date("2026-03-01T00:00:00Z"));
  expect(dayStart(new Date("2026-03-01T00:30:00+01:00"))).toEqual(new Date("2026-02-28T00:00:00Z"));
});
