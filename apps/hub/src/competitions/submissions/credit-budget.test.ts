import { expect, test } from "bun:test";
import { resourcesSchema } from "@podium/shared";
import { mostItCosts, timeWithin } from "./credit-budget.ts";

const CREDIT = 1_000_000;
const MINUTE = 60_000;
const prices = {
  cpu_minute: 0,
  gpu_minute: CREDIT,
  gpu_minute_by_model: { H100: 4 * CREDIT, T4: CREDIT / 10 },
  thousand_calls: 0,
  gib_month: 0,
};
const gpu = (gpus: number, more = {}) => resourcesSchema.parse({ gpus, ...more });

test("a run may cost what it would on the dearest devices, in whole minutes", () => {
  expect(mostItCosts(prices, gpu(1), 10 * MINUTE)).toBe(40 * CREDIT);
  expect(mostItCosts(prices, gpu(2), 61_000)).toBe(16 * CREDIT);
  expect(mostItCosts(prices, gpu(1, { gpu_milli: 500 }), MINUTE)).toBe(2 * CREDIT);
  expect(mostItCosts({ ...prices, gpu_minute_by_model: { T4: 1 } }, gpu(1), MINUTE)).toBe(CREDIT);
});

test("what is free may take all its time; what costs takes what is left, and nothing when no minute is", () => {
  for (const left of [0, -1]) expect(timeWithin(left, prices, gpu(0), 10 * MINUTE)).toBe(10 * MINUTE);
  expect(timeWithin(40 * CREDIT, prices, gpu(1), 10 * MINUTE)).toBe(10 * MINUTE);
  expect(timeWithin(39 * CREDIT, prices, gpu(1), 10 * MINUTE)).toBe(9 * MINUTE);
  expect(timeWithin(3 * CREDIT, prices, gpu(1), 10 * MINUTE)).toBe(0);
  expect(timeWithin(-CREDIT, prices, gpu(1), 10 * MINUTE)).toBe(0);
  expect(timeWithin(4 * CREDIT, prices, gpu(1), 30_000)).toBe(30_000);
});
