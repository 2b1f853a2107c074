import type { Assignment, Id } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import { gangOf, whyToStop } from "./gangs/assign.ts";
import { type MemberPlace, memberPlaces } from "./gangs/store.ts";
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
  const places = await memberPlaces(
    ctx.db,
    rows.filter(({ session }) => session.nodes > 1).map(({ session }) => session.id),
  );
  return rows.map(({ attempt, session }) => ({
    attempt_id: attempt.id as Id<"attempt">,
    epoch: attempt.epoch,
    ...orders(session, places.get(session.id) ?? []),
    notice: attempt.notice?.text ?? null,
    gang: gangOf(attempt, places.get(session.id) ?? []),
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

/** Nothing that is left of a gang when a member is gone is worth saving. */
function orders({ state, stopReason, graceMs }: SessionRow, members: readonly MemberPlace[]) {
  const fallen = state === "stopping" ? null : whyToStop(members);
  if (fallen !== null) return { desired: "stop" as const, stop_reason: fallen, grace_ms: 0 };
  const desired = state === "stopping" ? ("stop" as const) : ("run" as const);
  return { desired, stop_reason: stopReason, grace_ms: graceMs };
}

/** It has been placed before: a checkpoint is then of its own making, as a rule. */
function resumes({ kind, epoch, checkpoint }: SessionRow): boolean {
  return kind === "train" && epoch > 1 && checkpoint !== null;
}
