import { expect, test } from "bun:test";
import { bytes, cpus, credits, measure, plural, score, scoreDecimals, tick } from "./numbers.ts";

test("scores that differ look different", () => {
  const close = [0.912345, 0.912346, 0.9];
  const decimals = scoreDecimals(close);
  expect(new Set(close.map((value) => score(value, decimals))).size).toBe(3);
  expect(decimals).toBe(5);
});

test("scores that are far apart get no needless digits", () => {
  expect(scoreDecimals([1.2, 0.81, 0.5])).toBe(3);
  expect(scoreDecimals([1532.22, 1204.8])).toBe(0);
  expect(scoreDecimals([])).toBe(3);
});

test("equal scores don't ask for ever more digits", () => {
  expect(scoreDecimals([0.5, 0.5, 0.5])).toBe(4);
});

test("measured values keep about four digits at every size", () => {
  expect([0, 12, 0.123456, 3.14259, 1234.567, 0.0000012, 25_000_000, -0.5].map(measure)).toEqual([
    "0",
    "12",
    "0.1235",
    "3.143",
    "1234.6",
    "1.20e−6",
    "2.50e7",
    "−0.5000",
  ]);
  expect(measure(null)).toBe("not a number");
  expect(measure(Number.POSITIVE_INFINITY)).toBe("∞");
});

test("numbers on an axis are as short as they go", () => {
  expect([0, 0.5, 0.30000000000000004, 1200, 0.00002, 2_500_000, -1.5].map(tick)).toEqual([
    "0",
    "0.5",
    "0.3",
    "1200",
    "2e−5",
    "2.5e6",
    "−1.5",
  ]);
});

test("bytes and CPUs are shown in the unit that people read", () => {
  expect([0, 900, 1536, 512 * 1024 ** 2, 2 * 1024 ** 3].map(bytes)).toEqual([
    "0 B",
    "900 B",
    "1.5 KiB",
    "512 MiB",
    "2 GiB",
  ]);
  expect([500, 1000, 4000].map(cpus)).toEqual(["0.5 CPU", "1 CPU", "4 CPUs"]);
});

test("credits come from microcredits and never round something to nothing", () => {
  expect(credits(1_500_000)).toBe("1.50");
  expect(credits(2_000_000, { signed: true })).toBe("+2.00");
  expect(credits(-250_000)).toBe("−0.25");
  expect(credits(1_200)).toBe("0.0012");
});

test("one thing, several things", () => {
  expect(plural(1, "entrant")).toBe("1 entrant");
  expect(plural(0, "entry", "entries")).toBe("0 entries");
});
