import { expect, test } from "bun:test";
import { competitionDefinitionSchema } from "@podium/shared";
import { checkClocks, checkSkew } from "./check-clocks.ts";

const NOW = new Date("2030-01-01T12:00:00Z");
const round = { train: "t", inputs: "i", labels: "l.csv", target_field: "y" };

function resultOf(...times: { opens_at?: string; closes_at?: string }[]) {
  const rounds = times.map((time, index) => ({ ...round, ...time, name: `r${index}` }));
  const given = { version: 1, name: "films", title: "Films", metric: { name: "mse" }, rounds };
  return checkClocks(competitionDefinitionSchema.parse(given), NOW).map(({ result }) => result);
}

test("a round is good, doubtful or wrong by its times", () => {
  expect(resultOf({ closes_at: "2030-01-02T12:00:00Z" })).toEqual(["good"]);
  expect(resultOf({ closes_at: "2030-01-01T13:00:00+01:00" })).toEqual(["wrong"]);
  expect(resultOf({ closes_at: "2030-01-01T12:59:59Z" })).toEqual(["doubtful"]);
  expect(resultOf({ opens_at: "2029-12-31T12:00:00Z", closes_at: "2030-01-02T12:00:00Z" })).toEqual([
    "doubtful",
  ]);
  expect(resultOf({})).toEqual(["doubtful"]);
});

test("a round that closes before the one before it does never opens in time", () => {
  const first = { closes_at: "2030-02-01T00:00:00Z" };
  expect(resultOf(first, { closes_at: "2030-01-15T00:00:00Z" })).toEqual(["good", "wrong"]);
});

test("clocks that differ by more than five seconds are said, and by how much", () => {
  const hub = (ms: number) => new Date(NOW.getTime() + ms);
  expect(checkSkew(hub(-5_000), NOW).result).toBe("good");
  expect(checkSkew(hub(-90_000), NOW).detail).toContain("90 s behind");
  expect(checkSkew(hub(7_000), NOW).detail).toContain("7 s ahead of");
  expect(checkSkew(null, NOW).result).toBe("doubtful");
});
