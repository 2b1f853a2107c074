import { DomainError, type Id } from "@podium/shared";
import { addVersion, treeEntries } from "../../data/index.ts";
import { asSystem, type Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { findSession, isEnded, type SessionRow } from "../../sessions/index.ts";
import {
  type BatchInferenceRow,
  findBatchInference,
  lockBatchOfSession,
  updateBatchInference,
} from "./store.ts";

/**
 * A session has ended: if it predicted a dataset, what it wrote becomes the output's next version, or the batch
 * inference fails with its reason. Repeating it changes nothing.
 */
export async function finishBatchInference(ctx: Context, sessionId: string): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const batch = await lockBatchOfSession(tx, sessionId);
    if (batch?.state !== "running") return;
    const session = await findSession(tx, { id: sessionId });
    const found = await findBatchInference(tx, batch.id);
    if (!session || !found) throw new Error(`Batch inference ${batch.id} names rows that are gone.`);
    if (!isEnded(session.state)) return;
    const note = `${found.endpoint} version ${found.version} over ${batch.dataset}`;
    const end = await outcome(ctx, tx, batch, session, note);
    await updateBatchInference(tx, batch.id, { ...end, endedAt: ctx.clock.now() });
    await emit(ctx, tx, {
      type: "batch_inference.ended",
      batch_inference_id: batch.id as Id<"batchInference">,
      team_id: found.teamId as Id<"team">,
    });
  });
}

type Outcome = { state: "done"; outputVersion: number } | { state: "failed"; failure: string };

async function outcome(
  ctx: Context,
  tx: Tx,
  { outputDatasetId, createdBy }: BatchInferenceRow,
  session: SessionRow,
  note: string,
): Promise<Outcome> {
  if (session.state !== "succeeded" || !session.outputTree)
    return { state: "failed", failure: whyFailed(session) };
  const { outputTree } = session;
  if (!(await hasPredictions(tx, outputTree))) return { state: "failed", failure: OLD_RUNNER };
  try {
    // In a savepoint: what is refused leaves nothing behind.
    const { number } = await tx.transaction((inner) =>
      addVersion(asSystem(ctx), inner, { datasetId: outputDatasetId, treeId: outputTree, note, createdBy }),
    );
    return { state: "done", outputVersion: number };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return {
      state: "failed",
      failure: `The predictions could not become a version: ${error.message} They are the output of ${session.name}.`,
    };
  }
}

const OLD_RUNNER =
  "Its node's runner is of a version that can't predict a whole dataset. Ask an administrator of this hub to update it, then start it again.";

/** A runner that knows nothing of datasets predicts their one table as a contest's, into another file. */
async function hasPredictions(tx: Tx, treeId: string): Promise<boolean> {
  for await (const { path } of treeEntries(tx, treeId)) if (path.endsWith(".predictions.jsonl")) return true;
  return false;
}

function whyFailed({ state, failure, stopReason }: SessionRow): string {
  if (failure) return failure.hint ? `${failure.message} ${failure.hint}` : failure.message;
  if (state === "stopped")
    return stopReason ? `Its session was stopped: ${stopReason}` : "Its session was stopped.";
  return "Its session ended without any predictions.";
}
