import { DomainError } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { findBinding, lockEndpoint } from "../store.ts";
import { unbindModel } from "../unbind.ts";
import { idleBindings } from "./store.ts";

/**
 * Takes off the versions that have been without traffic for as long as their endpoint keeps them. Who gives one its
 * traffic back in the last moment wins. @returns how many were due
 */
export async function retireIdle(ctx: Context): Promise<number> {
  const due = await idleBindings(ctx.db, ctx.clock.now());
  for (const { binding } of due)
    await ctx.db.transaction(async (tx) => {
      await lockEndpoint(tx, binding.endpointId);
      const now = await findBinding(tx, binding.id);
      if (!now || now.weight > 0 || now.idleSince === null || now.shadowPercent > 0) return;
      await unbindModel(ctx, tx, binding.endpointId, binding.id, "retired").catch((error: unknown) => {
        if (!(error instanceof DomainError)) throw error; // a canary has begun meanwhile
      });
    });
  return due.length;
}
