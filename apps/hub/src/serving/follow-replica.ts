import type { AttemptReport } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { findSession, findSessionOfAttempt, isEnded, type SessionRow } from "../sessions/index.ts";
import { replacementFor, settleBinding } from "./replicas/settle-binding.ts";
import {
  findReplica,
  findScaling,
  openReplicas,
  ownerOf,
  type ReplicaRow,
  updateReplica,
} from "./replicas/store.ts";
import { routesChanged } from "./routes-changed.ts";
import { type BindingRow, lockBinding, updateBinding } from "./store.ts";
import { stopReplica } from "./traffic/stop-serving.ts";

/** A node says that a replica has loaded its model: it is ready, if the attempt is still the current one. */
export async function replicaReported(ctx: Context, report: AttemptReport): Promise<void> {
  if (!report.replica?.ready || !report.replica.signature) return;
  const { signature } = report.replica;
  const session = await findSessionOfAttempt(ctx.db, report.attempt_id);
  const known = session ? await findReplica(ctx.db, session.id) : null;
  if (known?.state !== "starting") return;
  await ctx.db.transaction(async (tx) => {
    const binding = await lockBinding(tx, known.bindingId);
    const replica = await findReplica(tx, known.sessionId);
    const current = await findSessionOfAttempt(tx, report.attempt_id);
    if (!binding || isTakenOff(binding) || replica?.state !== "starting") return;
    if (!current || isEnded(current.state)) return;
    await updateReplica(tx, replica.sessionId, { state: "ready", readyAt: ctx.clock.now() });
    await updateBinding(tx, binding.id, { signature });
    await settle(ctx, tx, { ...binding, signature });
  });
}

/** A serve session was placed (its replica has a new token), queued again, or has ended: gateways must know. */
export async function sessionMoved(ctx: Context, sessionId: string): Promise<void> {
  const known = await findReplica(ctx.db, sessionId);
  if (!known || known.state === "ended") return;
  await ctx.db.transaction(async (tx) => {
    const binding = await lockBinding(tx, known.bindingId);
    const replica = await findReplica(tx, sessionId);
    const session = await findSession(tx, { id: sessionId });
    if (!binding || !session || !replica || replica.state === "ended") return;
    if (isEnded(session.state)) await takeEnd(ctx, tx, binding, replica, session);
    else if (replica.state === "ready" && (session.state === "queued" || session.state === "placing"))
      await updateReplica(tx, sessionId, { state: "starting", readyAt: null });
    if (binding.state === "stopped") return;
    if (binding.state === "draining") return endDraining(ctx, tx, binding, session);
    if (isEnded(session.state) && wasTakenOff(session, replica) && (await isLast(tx, binding)))
      await updateBinding(tx, binding.id, { state: "stopped" });
    else await settle(ctx, tx, binding);
  });
}

const isTakenOff = ({ state }: BindingRow) => state === "stopped" || state === "draining";

/** A replica of a model that was taken off: what was lost need not be loaded again to end its calls. */
async function endDraining(ctx: Context, tx: Tx, binding: BindingRow, session: SessionRow): Promise<void> {
  const goesOn = isEnded(session.state) || session.state === "running" || session.state === "stopping";
  if (!goesOn) {
    await stopReplica(ctx, tx, session.id);
    await updateReplica(tx, session.id, { state: "ended", endedAt: ctx.clock.now() });
  }
  if (await isLast(tx, binding)) await updateBinding(tx, binding.id, { state: "stopped" });
}

async function settle(ctx: Context, tx: Tx, binding: BindingRow): Promise<void> {
  const scaling = await findScaling(tx, binding.id);
  const { team } = await ownerOf(tx, binding.endpointId);
  const replacement = await replacementFor(ctx, tx, binding, scaling, team.id);
  await settleBinding(tx, binding, scaling.wanted, replacement);
  await routesChanged(ctx, tx, binding.endpointId);
}

/** A replica that ends without anybody having asked was lost, and is kept with the reason. */
async function takeEnd(
  ctx: Context,
  tx: Tx,
  binding: BindingRow,
  replica: ReplicaRow,
  session: SessionRow,
): Promise<void> {
  const unpaid = session.failure?.code === "credits_exhausted";
  const wanted = replica.state === "draining" || isTakenOff(binding) || wasTakenOff(session, replica);
  const failure = wanted ? null : whyLost(session);
  await updateReplica(tx, replica.sessionId, { state: "ended", failure, unpaid, endedAt: ctx.clock.now() });
}

/** What happened, and what to do: whoever looks at the endpoint does not look at the session. */
function whyLost({ failure }: SessionRow): string {
  if (!failure) return "The model's process has ended.";
  return failure.hint ? `${failure.message} ${failure.hint}` : failure.message;
}

/** Its team stopped the session itself. */
function wasTakenOff({ state, failure }: SessionRow, replica: ReplicaRow): boolean {
  return state === "stopped" && failure?.code !== "credits_exhausted" && replica.state !== "draining";
}

/** Stopping the session of the only replica takes the model off; one of several is replaced. */
async function isLast(tx: Tx, binding: BindingRow): Promise<boolean> {
  return (await openReplicas(tx, [binding.id])).length === 0;
}
