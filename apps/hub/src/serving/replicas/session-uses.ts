import type { FindSessionUses } from "../../sessions/index.ts";
import { bindingMadeWith } from "./store.ts";

/** The serve session that a model was bound with: further replicas are made as it. */
export const bindingsServing: FindSessionUses = async (tx, sessionId) => {
  const found = await bindingMadeWith(tx, sessionId);
  return found
    ? [`replicas of version ${found.version} of ${found.endpoint} are made as it; unbind that first`]
    : [];
};
