import type { Context } from "../../platform/context.ts";
import { busiestSince, type HeldDevice } from "./store.ts";

/** How far back samples of the GPUs are looked at: a little more than from one look to the next. */
const LOOK_BACK_MS = 90_000;

/**
 * Tells how busy a device was at most since the last look, 0…1 of the whole device; null where nothing says. Of a device
 * that several sessions share nobody can tell whose work it was.
 */
export async function readBusyShares(
  ctx: Context,
  nodeIds: Iterable<string>,
): Promise<(device: Pick<HeldDevice, "nodeId" | "index">) => number | null> {
  const since = new Date(ctx.clock.now().getTime() - LOOK_BACK_MS);
  const busiest = await busiestSince(ctx.db, [...new Set(nodeIds)], since);
  return ({ nodeId, index }) => {
    const busy = busiest.get(`${nodeId} ${index}`);
    return busy === undefined || busy === null ? null : busy / 1000;
  };
}
