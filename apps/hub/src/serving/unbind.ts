import { DomainError } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { stopSession } from "../sessions/index.ts";
import { openReplicas } from "./replicas/store.ts";
import { routesChanged } from "./routes-changed.ts";
import { lockBinding, updateBinding } from "./store.ts";

/** Takes a model off its endpoint and stops its replicas; repeating it is harmless. @throws DomainError `not_found` */
export async function unbindModel(
  ctx: Context,
  tx: Tx,
  endpointId: string,
  bindingId: string,
): Promise<void> {
  const binding = await lockBinding(tx, bindingId);
  if (!binding || binding.endpointId !== endpointId)
    throw new DomainError("not_found", "This endpoint has no such binding.");
  if (binding.state === "stopped") return;
  await updateBinding(tx, binding.id, { state: "stopped" });
  await routesChanged(ctx, tx, endpointId);
  for (const { replica } of await openReplicas(tx, [bindingId])) {
    await stopSession(ctx, tx, replica.sessionId, "unbound from its endpoint").catch((error: unknown) => {
      if (!(error instanceof DomainError)) throw error; // it has ended or is stopping already
    });
  }
}
