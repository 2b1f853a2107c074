import type { Binding } from "../batching/binding.ts";

/** Uniform numbers in [0, 1). */
export type Random = () => number;

/**
 * Which binding answers a call: by weight, among those that have a replica or sleep (the call wakes it), or among all
 * when there is none such (the call then waits for the first that comes up). When none has a weight, as while the first
 * model of an endpoint still loads, the call waits for the newest, or goes to the newest that is up. Null when there is none.
 * @param key calls with the same key go to the same binding, at every gateway, as long as the weights allow it
 */
export function chooseBinding(
  bindings: readonly Binding[],
  random: Random,
  key: string | null = null,
): Binding | null {
  if (bindings.length === 1) return bindings[0] ?? null;
  if (key !== null && key !== "")
    return byKey(bindings, true, key) ?? byKey(bindings, false, key) ?? newest(bindings);
  return byWeight(bindings, true, random) ?? byWeight(bindings, false, random) ?? newest(bindings);
}

function newest(bindings: readonly Binding[]): Binding | null {
  const sorted = bindings.toSorted((a, b) => b.version - a.version);
  return sorted.find(({ isReady }) => isReady) ?? sorted[0] ?? null;
}

const counts = (binding: Binding, readyOnly: boolean) =>
  binding.weight > 0 && (!readyOnly || binding.takesCalls);

function byWeight(bindings: readonly Binding[], readyOnly: boolean, random: Random): Binding | null {
  let total = 0;
  for (const binding of bindings) if (counts(binding, readyOnly)) total += binding.weight;
  let point = random() * total;
  let last: Binding | null = null;
  for (const binding of bindings) {
    if (!counts(binding, readyOnly)) continue;
    last = binding;
    point -= binding.weight;
    if (point < 0) return binding;
  }
  return last;
}

/**
 * Weighted rendezvous hashing: when a share grows, only as many keys move as it grew by, and all of them to it.
 * Source: Schindelhauer and Schomaker, "Weighted distributed hash tables" (SPAA 2005), the logarithmic method.
 */
function byKey(bindings: readonly Binding[], readyOnly: boolean, key: string): Binding | null {
  let best: Binding | null = null;
  let highest = Number.NEGATIVE_INFINITY;
  for (const binding of bindings) {
    if (!counts(binding, readyOnly)) continue;
    const score = binding.weight / -Math.log(unitHash(`${binding.id}\n${key}`));
    if (score <= highest) continue;
    highest = score;
    best = binding;
  }
  return best;
}

/** In (0, 1), the same on every machine: xxHash64 is specified, Bun's default hash is not. */
function unitHash(text: string): number {
  return (Number(Bun.hash.xxHash64(text) >> 11n) + 0.5) / 2 ** 53;
}
