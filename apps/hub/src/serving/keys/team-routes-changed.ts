import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { routesChanged } from "../routes-changed.ts";
import { firstEndpointOf } from "./store.ts";

/** Tells gateways, when the transaction commits, that something of a team's endpoints has changed; without any, nothing has. */
export async function teamRoutesChanged(ctx: Context, tx: Tx, teamId: string): Promise<void> {
  const endpointId = await firstEndpointOf(tx, teamId);
  if (endpointId) await routesChanged(ctx, tx, endpointId);
}
