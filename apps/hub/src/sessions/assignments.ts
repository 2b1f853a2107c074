import type { Assignment, Id } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import { argumentsFor } from "./nsml-flags.ts";
import { type AttemptRow, currentAttempts, devicesOf, type SessionRow } from "./store.ts";

/** What is left of a time limit when interruptions have used it up: enough to be told so. */
const LEAST_TIMEOUT_MS = 1_000;

/** Fills in what only the serving domain knows, for all serve sessions of a node: where replicas dial, their tokens. */
export type DescribeServing = (
  ctx: Context,
  replicas: readonly { attempt: AttemptRow; session: SessionRow }[],
) => Promise<ReadonlyMap<string, NonNullable<Assignment["serving"]>>>;

/** Everything that a node should be running now, in full; what is not in it, the node kills. */
export async function assignmentsOf(
  ctx: Context,
  nodeId: string,
  describeServing: DescribeServing,
): Promise<Assignment[]> {
  const rows = await currentAttempts(ctx.db, nodeId);
  const devices = await devicesOf(
    ctx.db,
    rows.map(({ attempt }) => attempt.id),
  );
  const replicas = rows.filter(({ session }) => session.serving !== null);
  const serving = replicas.length > 0 ? await describeServing(ctx, replicas) : null;
  return rows.map(({ attempt, session }) => ({
    attempt_id: attempt.id as Id<"attempt">,
    epoch: attempt.epoch,
    desired: session.state === "stopping" ? ("stop" as const) : ("run" as const),
    stop_reason: session.stopReason,
    grace_ms: session.graceMs,
    session: { id: session.id as Id<"session">, name: session.name, kind: session.kind },
    entrypoint: session.entrypoint,
    args: argumentsFor(session),
    code_tree: session.codeTree,
    image: session.image,
    dropped_image: session.droppedImage,
    environment: session.environment,
    datasets: session.datasets.map(({ name, tree_id, size_bytes }) => ({ name, tree_id, size_bytes })),
    checkpoint: session.checkpoint,
    resumes: resumes(session),
    input: session.input,
    devices: (devices.get(attempt.id) ?? []).map((device) => device.index),
    resources: session.resources,
    timeout_ms: Math.max(session.timeoutMs - session.ranMs, LEAST_TIMEOUT_MS),
    serving: serving?.get(attempt.id) ?? null,
  }));
}

/** It has been placed before: a checkpoint is then of its own making, as a rule. */
function resumes({ kind, epoch, checkpoint }: SessionRow): boolean {
  return kind === "train" && epoch > 1 && checkpoint !== null;
}
