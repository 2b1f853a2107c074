import type { AttemptReport } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import { findSession, findSessionOfAttempt, isEnded } from "../sessions/index.ts";
import { routesChanged } from "./routes-changed.ts";
import { findBinding, updateBinding } from "./store.ts";

/** A node says that a replica has loaded its model (or no longer has it): the binding becomes ready. */
export async function replicaReported(ctx: Context, report: AttemptReport): Promise<void> {
  if (!report.replica?.ready || !report.replica.signature) return;
  const { signature } = report.replica;
  await ctx.db.transaction(async (tx) => {
    const session = await findSessionOfAttempt(tx, report.attempt_id);
    const found = session ? await findBinding(tx, { sessionId: session.id }) : null;
    if (found?.state !== "starting") return;
    if (await updateBinding(tx, found.id, { state: "ready", signature }, "ready"))
      await routesChanged(ctx, tx, found.endpointId);
  });
}

/** A serve session was placed (its replica has a new token), queued again, or has ended: gateways must know. */
export async function sessionMoved(ctx: Context, sessionId: string): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const binding = await findBinding(tx, { sessionId });
    const session = binding ? await findSession(tx, { id: sessionId }) : null;
    if (!binding || !session || binding.state === "stopped" || binding.state === "failed") return;
    if (isEnded(session.state)) {
      const failed = session.state !== "stopped";
      const failure = session.failure?.message ?? (failed ? "The model's process has ended." : null);
      await updateBinding(tx, binding.id, { state: failed ? "failed" : "stopped", failure });
    } else if (session.state === "queued" || session.state === "placing") {
      await updateBinding(tx, binding.id, { state: "starting" });
    }
    await routesChanged(ctx, tx, binding.endpointId);
  });
}
