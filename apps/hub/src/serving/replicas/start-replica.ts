import { DomainError, type Id } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { enqueueSession, findSession, sameEnvironment } from "../../sessions/index.ts";
import type { BindingRow } from "../store.ts";
import { countReplicas, insertReplica } from "./store.ts";

/**
 * Queues one more serve session for a locked binding, made as the one that it was bound with.
 * @throws DomainError `no_node_fits`, `not_found` when that session was removed
 */
export async function startReplica(
  ctx: Context,
  tx: Tx,
  binding: BindingRow,
  team: { id: string; slug: string },
): Promise<void> {
  const model = binding.sessionId ? await findSession(tx, { id: binding.sessionId }) : null;
  if (!model?.checkpoint || !model.serving || model.removedAt)
    throw new DomainError("not_found", "The session that it was bound with is gone: bind the model again.");
  const session = await enqueueSession(ctx, tx, {
    team: { id: team.id as Id<"team">, slug: team.slug },
    kind: "serve",
    ...sameEnvironment(model),
    codeTree: model.codeTree,
    entrypoint: model.entrypoint,
    args: model.args,
    memo: model.memo,
    datasets: model.datasets,
    resources: model.resources,
    timeoutMs: model.timeoutMs,
    priority: model.priority,
    origin: `${binding.id}/${await countReplicas(tx, binding.id)}`,
    checkpoint: model.checkpoint,
    serving: model.serving,
  });
  await insertReplica(tx, { sessionId: session.id, bindingId: binding.id, createdAt: ctx.clock.now() });
}
