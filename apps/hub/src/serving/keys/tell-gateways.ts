import type { GatewayNews, Id } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { gatewaysUp } from "../describe.ts";
import { quotaUses } from "./store.ts";

/**
 * What a gateway can't know by itself: which others are up, what keys with a quota have used at all of them, and where the
 * hub's pages are. Those may call every endpoint: it is their browser that asks, with a key of its own, so the hub lends no
 * rights, and no cookie goes along. That is in the news and no route, as it is no endpoint's and a restart may change it.
 */
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
    pages: [new URL(ctx.settings.publicUrl).origin],
  };
}
