import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { insertTrafficChange, type TrafficChangeRow } from "./store.ts";

/** Writes a change of shares down, in the transaction that makes it, with who made it. */
export async function recordTraffic(
  ctx: Context,
  tx: Tx,
  change: Pick<TrafficChangeRow, "endpointId" | "cause" | "before" | "after" | "note">,
): Promise<void> {
  await insertTrafficChange(tx, {
    ...change,
    id: ctx.ids.next("trafficChange"),
    at: ctx.clock.now(),
    actorId: ctx.actor.kind === "user" ? ctx.actor.userId : null,
  });
}
