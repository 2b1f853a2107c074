import type { Id } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { emit } from "../platform/outbox.ts";
import { bumpRoutes } from "./store.ts";

/** Tells gateways, when the transaction commits, that the route table has changed. */
export async function routesChanged(ctx: Context, tx: Tx, endpointId: string): Promise<void> {
  await bumpRoutes(tx);
  await emit(ctx, tx, { type: "routes.changed", endpoint_id: endpointId as Id<"endpoint"> });
}
