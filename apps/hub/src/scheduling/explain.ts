import type { Resources } from "@podium/shared";
import { refusalOf } from "./fit.ts";
import type { NodeSupply, Refusal } from "./snapshot.ts";

/** Why each of these nodes can't take a session now, in words; nodes that can are left out. */
export function explain(left: readonly NodeSupply[], resources: Resources): Refusal[] {
  return left.flatMap((node) => {
    const reason = refusalOf(node, resources);
    return reason === null ? [] : [{ node: node.name, reason }];
  });
}
