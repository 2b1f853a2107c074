import type { Id } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { DescribeServing } from "../sessions/index.ts";
import { replicaToken } from "./replica-token.ts";
import { liveGateways } from "./store.ts";

/** A gateway that has not reported for this long is not dialled. */
export const GATEWAY_SILENT_MS = 30_000;

export function gatewaysUp(ctx: Context) {
  return liveGateways(ctx.db, new Date(ctx.clock.now().getTime() - GATEWAY_SILENT_MS));
}

/** What a serve session's runner needs: where to dial, and with what token. */
export const describeServing: DescribeServing = async (ctx, attempt, session) => {
  if (!session.serving) return null;
  return {
    binding_id: session.serving.binding_id as Id<"binding">,
    replica_token: replicaToken(ctx.settings.secret, attempt.id),
    gateways: (await gatewaysUp(ctx)).map((gateway) => gateway.replicaUrl),
    max_batch: session.serving.max_batch,
  };
};
