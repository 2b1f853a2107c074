import type { Prices, Resources } from "@podium/shared";
import { priceOf, SLICE_MS } from "../../credits/index.ts";

/**
 * What a run of this length costs at the most, microcredits: on the dearest devices, in whole slices, as they are
 * reserved. Where it will run, and how fast, nobody knows before.
 */
export function mostItCosts(prices: Prices, resources: Resources, ms: number): number {
  const dearest = Object.entries(prices.gpu_minute_by_model)
    .filter(([, price]) => price > prices.gpu_minute)
    .sort(([, a], [, b]) => b - a)
    .map(([model]) => model);
  const models = new Array<string>(resources.gpus).fill(dearest[0] ?? "");
  return priceOf(prices, resources, models, Math.ceil(ms / SLICE_MS) * SLICE_MS);
}

/**
 * How long a run may take so that the budget holds whatever it runs on, ms; 0: not even the first slice is left.
 * @param left  of the budget, microcredits, when all that is under way costs as much as it can
 */
export function timeWithin(left: number, prices: Prices, resources: Resources, limitMs: number): number {
  const slice = mostItCosts(prices, resources, SLICE_MS);
  if (slice === 0 || mostItCosts(prices, resources, limitMs) <= left) return limitMs;
  return Math.min(limitMs, Math.max(0, Math.floor(left / slice)) * SLICE_MS);
}
