import type { BatchInference, Id } from "@podium/shared";
import type { DescribedBatch } from "./store.ts";

/** A batch inference as people see it. */
export function showBatchInference({ batch, version, model, progress }: DescribedBatch): BatchInference {
  return {
    id: batch.id as Id<"batchInference">,
    version,
    model,
    dataset: batch.dataset,
    output: batch.output,
    output_version: batch.outputVersion,
    state: batch.state,
    session_id: batch.sessionId as Id<"session">,
    progress,
    failure: batch.failure,
    created_at: batch.createdAt.toISOString(),
    ended_at: batch.endedAt?.toISOString() ?? null,
  };
}
