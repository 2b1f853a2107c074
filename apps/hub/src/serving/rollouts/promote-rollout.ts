import { DomainError } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { type EndpointRow, findBinding, lockEndpoint, updateBinding } from "../store.ts";
import { applyShares } from "../traffic/apply-shares.ts";
import { endRollout } from "./end-rollout.ts";
import { lockLiveRollout } from "./store.ts";

/**
 * Gives an endpoint's canary all of the traffic now, whatever its steps and rules still ask for: somebody has seen enough.
 * A rollback goes back to the shares before it. @throws DomainError `not_found`: none is under way; `conflict`: it is not ready
 */
export async function promoteRollout(ctx: Context, tx: Tx, endpoint: EndpointRow): Promise<void> {
  await lockEndpoint(tx, endpoint.id);
  const rollout = await lockLiveRollout(tx, endpoint.id);
  const row = rollout && (await findBinding(tx, rollout.bindingId));
  if (!row)
    throw new DomainError(
      "not_found",
      `No canary of "${endpoint.name}" is under way. To give a version all calls: podium endpoint traffic ${endpoint.name} VERSION=100`,
    );
  const { version } = row;
  // One that is still compared as a shadow can't answer callers before that has ended.
  if (rollout.step < 0) await updateBinding(tx, row.id, { shadowPercent: 0 });
  const shares = [{ version, percent: 100 }];
  await applyShares(ctx, tx, endpoint, { shares, cause: "canary", note: "promoted by hand" });
  await endRollout(ctx, tx, endpoint, rollout, "promoted", `Version ${version} was promoted by hand.`);
}
