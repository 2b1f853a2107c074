import type { Context } from "../../platform/context.ts";
import { lockBinding, updateBinding } from "../store.ts";
import { stopServing } from "./stop-serving.ts";
import { drainedBindings } from "./store.ts";

/**
 * Stops the sessions of models that were taken off and have had the time to end their calls. Each is a transaction of
 * its own: after a crash the next turn finds what is left. @returns how many
 */
export async function endDrains(ctx: Context): Promise<number> {
  const due = await drainedBindings(ctx.db, ctx.clock.now());
  for (const { id } of due)
    await ctx.db.transaction(async (tx) => {
      const binding = await lockBinding(tx, id);
      if (binding?.state !== "draining") return;
      await updateBinding(tx, id, { state: "stopped" });
      await stopServing(ctx, tx, binding);
    });
  return due.length;
}
