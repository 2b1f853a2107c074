import { DomainError, type setShadowSchema } from "@podium/shared";
import type { z } from "zod";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { refuseDuringRollout } from "../rollouts/live.ts";
import { routesChanged } from "../routes-changed.ts";
import { bindingsOf, type EndpointRow, lockEndpoint, updateBinding } from "../store.ts";

/**
 * Sends a version copies of a share of the calls, or none any more. It must have no traffic of its own: what callers
 * get from it can't be compared with itself. @throws DomainError `not_found`, `conflict`
 */
export async function setShadow(
  ctx: Context,
  tx: Tx,
  endpoint: EndpointRow,
  { version, percent, tolerance }: z.infer<typeof setShadowSchema>,
): Promise<void> {
  await lockEndpoint(tx, endpoint.id);
  await refuseDuringRollout(tx, endpoint);
  const row = (await bindingsOf(tx, endpoint.id)).find((each) => each.version === version);
  if (!row || (row.state !== "ready" && row.state !== "starting"))
    throw new DomainError("not_found", `"${endpoint.name}" has no version ${version} that runs.`);
  if (percent > 0 && row.weight > 0)
    throw new DomainError(
      "conflict",
      `Version ${version} answers callers. Take its share first: podium endpoint traffic ${endpoint.name} …`,
    );
  await updateBinding(tx, row.id, { shadowPercent: percent, shadowTolerance: tolerance });
  await routesChanged(ctx, tx, endpoint.id);
}
