import type { Id } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { type BindingRow, bindingsOf, type EndpointRow, updateBinding } from "../store.ts";
import { applyShares } from "../traffic/apply-shares.ts";
import { sharesText } from "../traffic/shares.ts";
import { logOf } from "./log.ts";
import { type RolloutRow, updateRollout } from "./store.ts";

/**
 * Ends a canary; unless it was promoted, its endpoint's traffic goes back to what it was before, as far as those
 * versions still answer. Endpoint and rollout are locked. The team is told by the event.
 */
export async function endRollout(
  ctx: Context,
  tx: Tx,
  endpoint: Pick<EndpointRow, "id" | "name" | "teamId">,
  rollout: RolloutRow,
  state: "promoted" | "rolled_back" | "aborted",
  why: string,
): Promise<void> {
  if (rollout.step < 0) await updateBinding(tx, rollout.bindingId, { shadowPercent: 0 });
  const text = state === "promoted" ? why : `${why} ${await goBack(ctx, tx, endpoint, rollout, why)}`;
  await updateRollout(tx, rollout.id, {
    state,
    endedAt: ctx.clock.now(),
    waitsFor: null,
    log: logOf(ctx, rollout, text),
  });
  await emit(ctx, tx, {
    type: "rollout.ended",
    rollout_id: rollout.id as Id<"rollout">,
    team_id: endpoint.teamId as Id<"team">,
  });
}

/** @returns what became of the traffic, for people */
async function goBack(
  ctx: Context,
  tx: Tx,
  endpoint: Pick<EndpointRow, "id" | "name">,
  rollout: RolloutRow,
  why: string,
): Promise<string> {
  const rows = await bindingsOf(tx, endpoint.id);
  const shares = standing(rollout, rows);
  if (shares.length === 0)
    return "None of the versions before answers any more, so the traffic stays where it is.";
  await applyShares(ctx, tx, endpoint, { shares, cause: "canary", note: why, evenStarting: true });
  return `The traffic is as before: ${sharesText(shares)}.`;
}

/** What is left of the shares before: a version that ended meanwhile leaves its share to the others. */
function standing({ before }: RolloutRow, rows: readonly BindingRow[]) {
  const left = before.filter(({ version }) =>
    rows.some((row) => row.version === version && ["ready", "idle", "starting"].includes(row.state)),
  );
  const total = left.reduce((sum, { percent }) => sum + percent, 0);
  return left.map(({ version, percent }) => ({
    version,
    percent: Math.round((10_000 * percent) / total) / 100,
  }));
}
