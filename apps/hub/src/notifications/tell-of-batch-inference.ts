import type { EventOf } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import { findBatchInference } from "../serving/index.ts";
import { tell } from "./notify.ts";

/** Tells an endpoint's team once that a dataset was predicted, and where the predictions are, or why that failed. */
export async function tellOfBatchInference(
  ctx: Context,
  event: EventOf<"batch_inference.ended">,
): Promise<void> {
  const found = await findBatchInference(ctx.db, event.batch_inference_id);
  if (!found || found.batch.state === "running") return;
  const { batch, version, endpoint } = found;
  const what = `Version ${version} of endpoint "${endpoint}"`;
  const text =
    batch.state === "done"
      ? `${what} has predicted ${batch.dataset}: ${batch.output}@${batch.outputVersion}.`
      : `${what} could not predict ${batch.dataset}: ${batch.failure}`;
  await ctx.db.transaction((tx) =>
    tell(ctx, tx, { kind: "batch_inference.ended", subject: batch.id, teamId: event.team_id, text }),
  );
}
