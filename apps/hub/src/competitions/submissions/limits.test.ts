import { expect, test } from "bun:test";
import { dayStart, isRefunded, limitReached, TRIALS_AN_HOUR, trialsReached } from "./limits.ts";

const none = { all: 0, today: 0, pending: 0, refundedToday: 0, lastAt: null };
const now = new Date("2026-01-01T23:59:00Z");
const limits = { per_day: 3, total: 10, pending: 2, infer_timeout: "1m", memory_bytes: 1, file_bytes: 1 };

test("an entrant below all limits may submit; at any of them it may not, and hears which", () => {
  expect(limitReached(none, limits, now)).toBeNull();
  expect(limitReached({ ...none, all: 9, today: 2, pending: 1, refundedToday: 99 }, limits, now)).toBeNull();
  expect(limitReached({ ...none, all: 10 }, limits, now)).toMatchObject({ retryAfterSeconds: null });
  expect(limitReached({ ...none, pending: 2 }, limits, now)?.message).toContain("under way");
  expect(limitReached({ ...none, today: 3 }, limits, now)).toMatchObject({ retryAfterSeconds: 60 });
});

test("limits that were overshot stay limits", () => {
  expect(limitReached({ ...none, all: 11 }, limits, now)).not.toBeNull();
  expect(limitReached({ ...none, today: 4 }, limits, now)).not.toBeNull();
});

test("an interval is counted from the submission before, to the millisecond", () => {
  const hourly = { ...limits, interval: "1h" };
  const ago = (ms: number) => ({ ...none, lastAt: new Date(now.getTime() - ms) });
  expect(limitReached(none, hourly, now)).toBeNull();
  expect(limitReached(ago(3_600_000), hourly, now)).toBeNull();
  expect(limitReached(ago(3_599_999), hourly, now)).toMatchObject({ retryAfterSeconds: 1 });
  expect(limitReached(ago(0), hourly, now)).toMatchObject({
    message: expect.stringContaining("every 1h; your next is due in 3600 s"),
    retryAfterSeconds: 3600,
  });
});

test("trial runs are bounded in how many are under way, and in how many are made within an hour", () => {
  const firstOfHour = new Date(now.getTime() - 3_000_000);
  const trials = { pending: 0, lastHour: TRIALS_AN_HOUR - 1, firstOfHour };
  expect(trialsReached(trials, limits, now)).toBeNull();
  expect(trialsReached({ ...trials, pending: 2 }, limits, now)).toMatchObject({ retryAfterSeconds: 5 });
  expect(trialsReached({ ...trials, lastHour: TRIALS_AN_HOUR }, limits, now)).toMatchObject({
    retryAfterSeconds: 600,
  });
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
