import type { Binding } from "../batching/binding.ts";

/** Uniform numbers in [0, 1). */
export type Random = () => number;

/**
 * Which binding answers a call: by weight, among those that have a replica, or among all when none has one
 * (the call then waits for the first that comes up). Null when no binding has a weight.
 */
export function chooseBinding(bindings: readonly Binding[], random: Random): Binding | null {
  const only = bindings.length === 1 ? bindings[0] : undefined;
  if (only) return only.weight > 0 ? only : null;
  return byWeight(bindings, true, random) ?? byWeight(bindings, false, random);
}

function byWeight(bindings: readonly Binding[], readyOnly: boolean, random: Random): Binding | null {
  const counts = (binding: Binding) => binding.weight > 0 && (!readyOnly || binding.isReady);
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
