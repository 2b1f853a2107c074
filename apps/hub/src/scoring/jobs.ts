import { on } from "../platform/subscribers.ts";
import type { Scorer } from "./judge.ts";
import { programEnded } from "./programs/program-ended.ts";
import { scoreSubmission } from "./score.ts";

export const scoringJobs = (scorer: Scorer) => [
  on(
    ["submission.predicted"],
    "scoring.score",
    (ctx, event) => scoreSubmission(ctx, scorer, event.submission_id),
    "scoring",
  ),
  on(["session.ended"], "scoring.program-ended", (ctx, event) => programEnded(ctx, event.session_id)),
];
