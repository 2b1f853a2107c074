import type { AttemptReport } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import { findSession, findSessionOfAttempt, isEnded, type SessionRow } from "../sessions/index.ts";
import { routesChanged } from "./routes-changed.ts";
import { findBinding, lockBinding, updateBinding } from "./store.ts";
import { stopServing } from "./traffic/stop-serving.ts";

/** A node says that a replica has loaded its model: the binding becomes ready, if the attempt is still the current one. */
export async function replicaReported(ctx: Context, report: AttemptReport): Promise<void> {
  if (!report.replica?.ready || !report.replica.signature) return;
  const { signature } = report.replica;
  const session = await findSessionOfAttempt(ctx.db, report.attempt_id);
  const known = session ? await findBinding(ctx.db, { sessionId: session.id }) : null;
  if (known?.state !== "starting") return;
  await ctx.db.transaction(async (tx) => {
    const binding = await lockBinding(tx, known.id);
    const current = await findSessionOfAttempt(tx, report.attempt_id);
    if (binding?.state !== "starting" || !current || isEnded(current.state)) return;
    await updateBinding(tx, binding.id, { state: "ready", signature });
    await routesChanged(ctx, tx, binding.endpointId);
  });
}

/** A serve session was placed (its replica has a new token), queued again, or has ended: gateways must know. */
export async function sessionMoved(ctx: Context, sessionId: string): Promise<void> {
  const known = await findBinding(ctx.db, { sessionId });
  if (!known) return;
  await ctx.db.transaction(async (tx) => {
    const binding = await lockBinding(tx, known.id);
    const session = await findSession(tx, { id: sessionId });
    if (!binding || !session || binding.state === "stopped" || binding.state === "failed") return;
    if (binding.state === "draining") {
      // Its calls went with its process: it need not be loaded again to end them.
      if (session.state === "running" || session.state === "stopping") return;
      await updateBinding(tx, binding.id, { state: "stopped" });
      return stopServing(ctx, tx, binding);
    }
    if (isEnded(session.state)) await updateBinding(tx, binding.id, endOf(session));
    else if (session.state === "queued" || session.state === "placing")
      await updateBinding(tx, binding.id, { state: "starting" });
    await routesChanged(ctx, tx, binding.endpointId);
  });
}

/** A model that stops without anybody having asked has failed, and stays in sight with the reason. */
function endOf({ state, failure }: SessionRow) {
  const asked = state === "stopped" && failure?.code !== "credits_exhausted";
  if (asked) return { state: "stopped" as const };
  return { state: "failed" as const, failure: failure?.message ?? "The model's process has ended." };
}
