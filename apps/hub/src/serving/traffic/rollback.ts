import { DomainError } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { endRollout } from "../rollouts/end-rollout.ts";
import { lockLiveRollout } from "../rollouts/store.ts";
import { type EndpointRow, lockEndpoint } from "../store.ts";
import { applyShares } from "./apply-shares.ts";
import { sharesText } from "./shares.ts";
import { lastTrafficChange } from "./store.ts";

/**
 * Goes back to the shares before the last change; doing it twice goes forth again. A canary that is under way is ended.
 * Instant, because versions that lost their traffic are kept ready for a time. @throws DomainError `conflict`
 */
export async function rollBackTraffic(ctx: Context, tx: Tx, endpoint: EndpointRow): Promise<void> {
  await lockEndpoint(tx, endpoint.id);
  const rollout = await lockLiveRollout(tx, endpoint.id);
  if (rollout) return endRollout(ctx, tx, endpoint, rollout, "aborted", "It was rolled back by hand.");
  const last = await lastTrafficChange(tx, endpoint.id);
  if (!last || last.before.length === 0)
    throw new DomainError("conflict", `No version of "${endpoint.name}" had its traffic before this.`);
  await applyShares(ctx, tx, endpoint, {
    shares: last.before,
    cause: "rolled back",
    note: `to what was before ${last.at.toISOString()}: ${sharesText(last.before)}`,
  });
}
