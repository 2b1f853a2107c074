import type { setTrafficSchema } from "@podium/shared";
import type { z } from "zod";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { refuseDuringRollout } from "../rollouts/live.ts";
import { type EndpointRow, lockEndpoint } from "../store.ts";
import { applyShares } from "./apply-shares.ts";
import { setKeepOld } from "./store.ts";

/**
 * Sets the shares of all versions of an endpoint at once. Saying again what is so changes nothing.
 * @throws DomainError `conflict`: a version is not ready, or a canary has the endpoint's traffic in hand
 */
export async function setTraffic(
  ctx: Context,
  tx: Tx,
  endpoint: EndpointRow,
  { shares, keep_old_ms }: z.infer<typeof setTrafficSchema>,
): Promise<void> {
  await lockEndpoint(tx, endpoint.id);
  if (keep_old_ms !== undefined) await setKeepOld(tx, endpoint.id, keep_old_ms);
  if (!shares) return;
  await refuseDuringRollout(tx, endpoint);
  await applyShares(ctx, tx, endpoint, { shares, cause: "set" });
}
