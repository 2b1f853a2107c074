import type { Context } from "../../platform/context.ts";
import type { RolloutRow } from "./store.ts";

/** The canary's log with one more line. */
export function logOf(ctx: Context, { log }: Pick<RolloutRow, "log">, text: string): RolloutRow["log"] {
  return [...log, { at: ctx.clock.now().toISOString(), text }];
}
