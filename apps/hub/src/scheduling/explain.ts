import { refusalOf } from "./fit.ts";
import type { Needs, NodeSupply, Refusal } from "./snapshot.ts";

/** Why each of these nodes can't take a session now, in words; nodes that can are left out. */
export function explain(left: readonly NodeSupply[], needs: Needs): Refusal[] {
  return left.flatMap((node) => {
    const reason = refusalOf(node, needs);
    return reason === null ? [] : [{ node: node.name, reason }];
  });
}
