import type { GatewayNews, Id } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { gatewaysUp } from "../describe.ts";
import { quotaUses } from "./store.ts";

/** What a gateway can't know by itself: which others are up, and what keys with a quota have used at all of them. */
export async function tellGateways(ctx: Context): Promise<GatewayNews> {
  const day = ctx.clock.now().toISOString().slice(0, 10);
  const gateways = await gatewaysUp(ctx);
  const uses = await quotaUses(ctx.db, day);
  return {
    gateways: gateways.map(({ id, replicaUrl }) => ({
      id: id as Id<"gateway">,
      url: replicaUrl.replace(/^ws/, "http"),
    })),
    quotas: uses.map(({ id, today, month }) => ({
      key_id: id as Id<"endpointKey">,
      day,
      calls_today: Number(today),
      calls_this_month: Number(month),
    })),
  };
}
