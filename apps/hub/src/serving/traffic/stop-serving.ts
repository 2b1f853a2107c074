import { DomainError } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { stopSession } from "../../sessions/index.ts";
import type { BindingRow } from "../store.ts";

/** Stops the session that serves a binding; one that has ended, or is stopping already, is left alone. */
export async function stopServing(ctx: Context, tx: Tx, { sessionId }: BindingRow): Promise<void> {
  if (!sessionId) return;
  await stopSession(ctx, tx, sessionId, "unbound from its endpoint").catch((error: unknown) => {
    if (!(error instanceof DomainError)) throw error;
  });
}
