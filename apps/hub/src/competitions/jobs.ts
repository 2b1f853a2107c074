import { on } from "../platform/subscribers.ts";
import { collectPredictions } from "./submissions/collect.ts";
import { startInference } from "./submissions/infer.ts";
import { tellPlaced } from "./submissions/tell-placed.ts";

export const competitionJobs = [
  on(["submission.accepted"], "competitions.start-inference", (ctx, event) =>
    startInference(ctx, event.submission_id),
  ),
  on(["session.placed", "session.changed"], "competitions.tell-placed", (ctx, event) =>
    tellPlaced(ctx, event.session_id),
  ),
  on(["session.ended"], "competitions.collect-predictions", (ctx, event) =>
    collectPredictions(ctx, event.session_id),
  ),
];
