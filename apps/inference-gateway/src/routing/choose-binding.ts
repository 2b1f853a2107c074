import type { Binding } from "../batching/binding.ts";

/** Uniform numbers in [0, 1). */
export type Random = () => number;

/**
 * Which binding answers a call: by weight, among those that have a replica or sleep (the call wakes it), or among all
 * when there is none such (the call then waits for the first that comes up). When none has a weight, as while the first model of an
 * endpoint still loads, the call waits for the newest. Null when there is no binding.
 */
export function chooseBinding(bindings: readonly Binding[], random: Random): Binding | null {
  if (bindings.length === 1) return bindings[0] ?? null;
  return byWeight(bindings, true, random) ?? byWeight(bindings, false, random) ?? newest(bindings);
}

function newest(bindings: readonly Binding[]): Binding | null {
  return bindings.toSorted((a, b) => b.version - a.version)[0] ?? null;
}

function byWeight(bindings: readonly Binding[], readyOnly: boolean, random: Random): Binding | null {
  const counts = (binding: Binding) => binding.weight > 0 && (!readyOnly || binding.takesCalls);
  let total = 0;
  for (const binding of bindings) if (counts(binding)) total += binding.weight;
  let point = random() * total;
  let last: Binding | null = null;
  for (const binding of bindings) {
    if (!counts(binding)) continue;
    last = binding;
    point -= binding.weight;
    if (point < 0) return binding;
  }
  return last;
}
