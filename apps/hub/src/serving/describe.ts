import type { Id } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { DescribeServing } from "../sessions/index.ts";
import { replicaToken } from "./replica-token.ts";
import { callLimits } from "./settings/store.ts";
import { liveGateways } from "./store.ts";

/** A gateway that has not reported for this long is not dialled. */
const GATEWAY_SILENT_MS = 30_000;

export function gatewaysUp(ctx: Context) {
  return liveGateways(ctx.db, new Date(ctx.clock.now().getTime() - GATEWAY_SILENT_MS));
}

/** What the runner of each replica needs: where to dial, and with what token. */
export const describeServing: DescribeServing = async (ctx, replicas) => {
  const gateways = (await gatewaysUp(ctx)).map((gateway) => gateway.replicaUrl);
  const limits = await callLimits(
    ctx.db,
    replicas.flatMap(({ session: { serving } }) => serving?.binding_id ?? []),
  );
  return new Map(
    replicas.flatMap(({ attempt, session: { serving } }) => {
      if (!serving) return [];
      const call_ms = limits.get(serving.binding_id);
      const described = {
        binding_id: serving.binding_id as Id<"binding">,
        replica_token: replicaToken(ctx.settings.secret, attempt.id),
        gateways,
        max_batch: serving.max_batch,
        ...(call_ms !== undefined && { call_ms }),
        ...(serving.onnx && { onnx: serving.onnx }),
      };
      return [[attempt.id, described]];
    }),
  );
};
