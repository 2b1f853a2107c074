import type { Replacement } from "./replacement.ts";

/**
 * What a binding says of itself. Whatever else is wrong, one that has a ready replica serves; `failure` then says why
 * it has no more of them.
 */
export function bindingState(
  replicas: readonly { state: string }[],
  wanted: number,
  { givenUp, reason }: Pick<Replacement, "givenUp" | "reason">,
): { state: "starting" | "ready" | "idle" | "failed"; failure: string | null } {
  if (replicas.some(({ state }) => state === "ready"))
    return { state: "ready", failure: givenUp ? reason : null };
  if (givenUp && !replicas.some(({ state }) => state === "starting"))
    return { state: "failed", failure: reason };
  if (wanted === 0) return { state: "idle", failure: null };
  return { state: "starting", failure: reason };
}
