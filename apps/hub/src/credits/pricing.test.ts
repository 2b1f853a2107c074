import { expect, test } from "bun:test";
import { pricesSchema } from "@podium/shared";
import { seeded } from "../testing/random.ts";
import { priceOf, priceOfCalls } from "./pricing.ts";

const NSML = pricesSchema.parse({});

test("by default one GPU for one minute costs one credit, and CPUs nothing", () => {
  expect(priceOf(NSML, { cpu_milli: 64_000 }, ["H100"], 60_000)).toBe(1_000_000);
  expect(priceOf(NSML, { cpu_milli: 64_000 }, ["H100", "H100"], 30_000)).toBe(1_000_000);
  expect(priceOf(NSML, { cpu_milli: 64_000 }, [], 3_600_000)).toBe(0);
});

test("a model's own price counts before the general one, and parts of a CPU in proportion", () => {
  const prices = { ...NSML, gpu_minute_by_model: { H200: 3_000_000 }, cpu_minute: 100 };
  expect(priceOf(prices, { cpu_milli: 500 }, ["H200", "H100"], 60_000)).toBe(4_000_050);
});

test("a share of a GPU costs that share of its price", () => {
  const prices = { ...NSML, gpu_minute_by_model: { H200: 3_000_000 } };
  expect(priceOf(prices, { cpu_milli: 0, gpu_milli: 290 }, ["H100"], 60_000)).toBe(290_000);
  expect(priceOf(prices, { cpu_milli: 0, gpu_milli: 500 }, ["H200"], 60_000)).toBe(1_500_000);
  expect(priceOf(prices, { cpu_milli: 0, gpu_milli: 500 }, [], 60_000)).toBe(0);
});

test("time is charged to the millisecond, rounded up once; time before the start costs nothing", () => {
  expect(priceOf(NSML, { cpu_milli: 0 }, ["H100"], 1)).toBe(17);
  expect(priceOf(NSML, { cpu_milli: 0 }, ["H100"], -5_000)).toBe(0);
});

test("the sum over any reports of calls is the price of all calls", () => {
  const random = seeded(7);
  for (let round = 0; round < 200; round++) {
    const prices = { ...NSML, thousand_calls: random.int(10_000) };
    let calls = 0;
    let charged = 0;
    while (calls < 5_000) {
      const next = calls + random.pick([1, 2, 3, 250, 999]);
      charged += priceOfCalls(prices, calls, next);
      calls = next;
    }
    expect(charged).toBe(Math.floor((calls * prices.thousand_calls) / 1000));
  }
});
