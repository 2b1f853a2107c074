import { DomainError } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { stopSession } from "../../sessions/index.ts";
import { openReplicas } from "../replicas/store.ts";
import type { BindingRow } from "../store.ts";

/** Stops the replicas of a binding; what has ended, or is stopping already, is left alone. */
export async function stopServing(ctx: Context, tx: Tx, { id }: BindingRow): Promise<void> {
  for (const { replica } of await openReplicas(tx, [id])) await stopReplica(ctx, tx, replica.sessionId);
}

/** Stops one replica's session. */
export async function stopReplica(ctx: Context, tx: Tx, sessionId: string): Promise<void> {
  await stopSession(ctx, tx, sessionId, "unbound from its endpoint").catch((error: unknown) => {
    if (!(error instanceof DomainError)) throw error;
  });
}
