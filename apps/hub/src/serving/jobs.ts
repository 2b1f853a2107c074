import { on } from "../platform/subscribers.ts";
import { finishBatchInference } from "./batch-inferences/finish-batch-inference.ts";
import { creditChanged } from "./follow-credit.ts";
import { sessionMoved } from "./follow-replica.ts";

export const servingJobs = [
  on(["credits.exhausted", "credits.granted"], "serving.follow-credit", (ctx, event) =>
    creditChanged(ctx, event.team_id),
  ),
  on(["session.placed", "session.queued", "session.ended"], "serving.follow-session", (ctx, event) =>
    sessionMoved(ctx, event.session_id),
  ),
  on(["session.ended"], "serving.finish-batch-inference", (ctx, event) =>
    finishBatchInference(ctx, event.session_id),
  ),
];
