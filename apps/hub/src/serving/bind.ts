import { type createBindingSchema, type Id, newScalingSchema } from "@podium/shared";
import type { z } from "zod";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { enqueueSession } from "../sessions/index.ts";
import { findModel } from "./find-model.ts";
import { insertReplica, insertScaling } from "./replicas/store.ts";
import { refuseDuringRollout } from "./rollouts/live.ts";
import { routesChanged } from "./routes-changed.ts";
import {
  type BindingRow,
  bindingsOf,
  countBindings,
  type EndpointRow,
  insertBinding,
  lockEndpoint,
} from "./store.ts";
import { recordTraffic } from "./traffic/record-traffic.ts";
import { sharesOf } from "./traffic/shares.ts";

/** A replica serves until it is unbound; sessions need a limit, so a month. */
const SERVE_TIMEOUT_MS = 30 * 86_400_000;

/** Of a version that is bound without a word about traffic, where no other version has any. */
const ALL = 1;

/**
 * Binds a session's checkpoint, or an ONNX file, to an endpoint: a serve session is queued for its first replica, and it
 * takes its share of the traffic when that is ready. Without a weight it takes none from the versions that have some:
 * binding moves no traffic by surprise. The autoscaler starts the other replicas.
 * @throws DomainError as `findModel`, `no_node_fits`
 */
export async function bindModel(
  ctx: Context,
  tx: Tx,
  endpoint: EndpointRow,
  team: { id: string; slug: string },
  input: Omit<z.infer<typeof createBindingSchema>, "scaling"> & {
    scaling?: z.infer<typeof newScalingSchema>;
  },
): Promise<BindingRow> {
  const { model, onnx, ...source } = await findModel(ctx, tx, endpoint, team, input);
  await lockEndpoint(tx, endpoint.id);
  const before = await bindingsOf(tx, endpoint.id);
  const weight = input.weight ?? (sharesOf(before).length > 0 ? 0 : ALL);
  if (weight > 0) await refuseDuringRollout(tx, endpoint);
  const id = ctx.ids.next("binding");
  const session = await enqueueSession(ctx, tx, {
    team: { id: team.id as Id<"team">, slug: team.slug },
    kind: "serve",
    ...source,
    memo: `serves ${endpoint.name}`,
    timeoutMs: SERVE_TIMEOUT_MS,
    priority: 5,
    origin: id,
    serving: { binding_id: id, max_batch: input.max_batch, ...(onnx && { onnx }) },
  });
  const binding = await insertBinding(tx, {
    id,
    endpointId: endpoint.id,
    version: (await countBindings(tx, endpoint.id)) + 1,
    model,
    weight,
    state: "starting",
    sessionId: session.id,
    createdAt: ctx.clock.now(),
  });
  await recordTraffic(ctx, tx, {
    endpointId: endpoint.id,
    cause: "bound",
    before: sharesOf(before),
    after: sharesOf([...before, binding]),
    note: `version ${binding.version}: ${binding.model}`,
  });
  await insertReplica(tx, { sessionId: session.id, bindingId: id, createdAt: ctx.clock.now() });
  const { min_replicas, max_replicas, target_load, scale_down_seconds, idle_seconds } =
    input.scaling ?? newScalingSchema.parse({});
  await insertScaling(tx, {
    bindingId: id,
    minReplicas: min_replicas,
    maxReplicas: max_replicas,
    targetLoad: target_load ?? input.max_batch,
    scaleDownMs: scale_down_seconds * 1000,
    idleMs: idle_seconds * 1000,
    // One at least, whatever the minimum: what the model takes and gives is known once it was loaded.
    wanted: Math.max(1, min_replicas),
    busyAt: ctx.clock.now(),
  });
  await routesChanged(ctx, tx, endpoint.id);
  return binding;
}
