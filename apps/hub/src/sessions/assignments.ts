import type { Assignment, Id } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import { type AttemptRow, devicesOf, liveAttempts, type SessionRow } from "./store.ts";

/** How long a script has between its stop signal and its end. */
export const GRACE_MS = 10_000;

/** Fills in what only the serving domain knows: where replicas dial, and their token. */
export type DescribeServing = (
  ctx: Context,
  attempt: AttemptRow,
  session: SessionRow,
) => Promise<Assignment["serving"]>;

/** Everything that a node should be running now, in full; what is not in it, the node kills. */
export async function assignmentsOf(
  ctx: Context,
  nodeId: string,
  describeServing: DescribeServing,
): Promise<Assignment[]> {
  const rows = await liveAttempts(ctx.db, nodeId);
  return Promise.all(
    rows
      .filter(({ attempt, session }) => session.attemptId === attempt.id)
      .map(async ({ attempt, session }) => ({
        attempt_id: attempt.id as Id<"attempt">,
        epoch: attempt.epoch,
        desired: session.state === "stopping" ? ("stop" as const) : ("run" as const),
        stop_reason: session.stopReason,
        grace_ms: GRACE_MS,
        session: { id: session.id as Id<"session">, name: session.name, kind: session.kind },
        entrypoint: session.entrypoint,
        args: session.args,
        code_tree: session.codeTree,
        datasets: session.datasets,
        checkpoint: session.checkpoint,
        input: session.input,
        devices: (await devicesOf(ctx.db, attempt.id)).map((device) => device.index),
        resources: session.resources,
        timeout_ms: session.timeoutMs,
        serving: session.serving ? await describeServing(ctx, attempt, session) : null,
      })),
  );
}
