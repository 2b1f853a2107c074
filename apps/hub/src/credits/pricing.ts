import type { Prices, Resources } from "@podium/shared";

const MINUTE_MS = 60_000;

/**
 * What running these resources costs, microcredits, rounded up once for the whole time.
 * NSML's rule is the default price list: 1 GPU × 1 minute = 1 credit, CPU free.
 * A share of a device costs that share of its price.
 * @param models  model of each allocated device
 */
export function priceOf(
  prices: Prices,
  resources: Pick<Resources, "cpu_milli"> & Partial<Pick<Resources, "gpu_milli">>,
  models: readonly string[],
  ms: number,
): number {
  let perMinute = (prices.cpu_minute * resources.cpu_milli) / 1000;
  const milli = resources.gpu_milli ?? 1000;
  for (const model of models)
    perMinute += ((prices.gpu_minute_by_model[model] ?? prices.gpu_minute) * milli) / 1000;
  return Math.ceil((perMinute * Math.max(0, ms)) / MINUTE_MS);
}

/** Price of the calls between two totals: telescopes, so that the sum over any reports is the price of all calls. */
export function priceOfCalls(prices: Prices, before: number, after: number): number {
  const total = (calls: number) => Math.floor((calls * prices.thousand_calls) / 1000);
  return total(after) - total(before);
}
