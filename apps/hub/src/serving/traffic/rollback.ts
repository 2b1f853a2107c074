import { DomainError, type Share } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { endRollout } from "../rollouts/end-rollout.ts";
import { listRollouts, lockLiveRollout } from "../rollouts/store.ts";
import { type EndpointRow, lockEndpoint } from "../store.ts";
import { applyShares } from "./apply-shares.ts";
import { sharesText } from "./shares.ts";
import { lastTrafficChange } from "./store.ts";

/**
 * Goes back to the shares before the last change, or before the canary that was it; doing it twice goes forth again. A canary that is under way is ended.
 * Instant, because versions that lost their traffic are kept ready for a time. @throws DomainError `conflict`
 */
export async function rollBackTraffic(ctx: Context, tx: Tx, endpoint: EndpointRow): Promise<void> {
  await lockEndpoint(tx, endpoint.id);
  const rollout = await lockLiveRollout(tx, endpoint.id);
  if (rollout) return endRollout(ctx, tx, endpoint, rollout, "aborted", "It was rolled back by hand.");
  const shares = await sharesBefore(tx, endpoint);
  await applyShares(ctx, tx, endpoint, { shares, cause: "rolled back", note: `to ${sharesText(shares)}` });
}

/** The steps of a canary are one change; one that went back has left nothing to take back, least of all to itself. */
async function sharesBefore(tx: Tx, endpoint: EndpointRow): Promise<readonly Share[]> {
  const last = await lastTrafficChange(tx, endpoint.id);
  const [newest] = last?.cause === "canary" ? await listRollouts(tx, endpoint.id, 1, undefined) : [];
  if (newest && newest.rollout.state !== "promoted")
    throw new DomainError(
      "conflict",
      `The canary of version ${newest.version} has ended, and the traffic of "${endpoint.name}" is back already. For other shares: podium endpoint traffic ${endpoint.name} …`,
    );
  const before = newest?.rollout.before ?? last?.before ?? [];
  if (before.length === 0)
    throw new DomainError("conflict", `No version of "${endpoint.name}" had its traffic before this.`);
  return before;
}
