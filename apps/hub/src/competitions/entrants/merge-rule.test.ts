import { expect, test } from "bun:test";
import { tooManyMade } from "./merge-rule.ts";

const openedAt = new Date("2026-01-01T23:59:00Z");
const round = { name: "round-1", limits: { per_day: 3, total: 8 }, openedAt, closedAt: null };
const at = (text: string) => new Date(text);

test("together two may have made the daily limit times the days, the first and the present one included", () => {
  expect(tooManyMade({ ...round, made: 3 }, at("2026-01-01T23:59:30Z"))).toBeNull();
  expect(tooManyMade({ ...round, made: 4 }, at("2026-01-01T23:59:30Z"))).toContain("could have made 3");
  expect(tooManyMade({ ...round, made: 4 }, at("2026-01-02T00:00:00Z"))).toBeNull();
});

test("but no more than the round's total, and after it has closed no day counts any more", () => {
  expect(tooManyMade({ ...round, made: 8 }, at("2026-02-01T00:00:00Z"))).toBeNull();
  expect(tooManyMade({ ...round, made: 9 }, at("2026-02-01T00:00:00Z"))).toContain("8 in all");
  const closed = { ...round, closedAt: at("2026-01-01T23:59:59Z") };
  expect(tooManyMade({ ...closed, made: 4 }, at("2026-02-01T00:00:00Z"))).toContain("for 1 days");
});
