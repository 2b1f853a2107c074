import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { routesChanged } from "../routes-changed.ts";
import type { KeyOwner } from "./store.ts";
import { teamRoutesChanged } from "./team-routes-changed.ts";

/** Tells gateways, when the transaction commits, that keys of this owner have changed. */
export function keysChanged(ctx: Context, tx: Tx, owner: KeyOwner): Promise<void> {
  return "endpointId" in owner
    ? routesChanged(ctx, tx, owner.endpointId)
    : teamRoutesChanged(ctx, tx, owner.teamId);
}
