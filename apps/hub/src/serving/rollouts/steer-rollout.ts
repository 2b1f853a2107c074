import { DomainError } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { bindingsOf, type EndpointRow, lockEndpoint } from "../store.ts";
import { totalsOf } from "../versions/store.ts";
import { endRollout } from "./end-rollout.ts";
import { logOf } from "./log.ts";
import { lockLiveRollout, updateRollout } from "./store.ts";

/**
 * Holds an endpoint's canary where it is, lets it go on, or ends it and takes the traffic back. A held one is still
 * guarded: a breach takes it back. One that goes on begins its step anew. Saying again what is so changes nothing.
 * @throws DomainError `not_found`: none is under way
 */
export async function steerRollout(
  ctx: Context,
  tx: Tx,
  endpoint: EndpointRow,
  wish: "pause" | "resume" | "abort",
): Promise<void> {
  await lockEndpoint(tx, endpoint.id);
  const rollout = await lockLiveRollout(tx, endpoint.id);
  if (!rollout)
    throw new DomainError(
      "not_found",
      `No canary of "${endpoint.name}" is under way. podium endpoint history ${endpoint.name} shows what was.`,
    );
  if (wish === "abort") return endRollout(ctx, tx, endpoint, rollout, "aborted", "It was ended by hand.");
  if (wish === "pause") {
    if (rollout.state === "paused") return;
    const log = logOf(ctx, rollout, "It was paused.");
    return updateRollout(tx, rollout.id, { state: "paused", waitsFor: "somebody to resume it", log });
  }
  if (rollout.state === "running") return;
  const rows = await bindingsOf(tx, endpoint.id);
  const atStep = await totalsOf(
    tx,
    rows.map(({ id }) => id),
  );
  const log = logOf(ctx, rollout, "It goes on: this step begins anew.");
  const stepSince = ctx.clock.now();
  await updateRollout(tx, rollout.id, { state: "running", stepSince, atStep, waitsFor: null, log });
}
