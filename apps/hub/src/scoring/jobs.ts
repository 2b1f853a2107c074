import { on } from "../platform/subscribers.ts";
import type { Scorer } from "./judge.ts";
import { scoreSubmission } from "./score.ts";

export const scoringJobs = (scorer: Scorer) => [
  on(
    ["submission.predicted"],
    "scoring.score",
    (ctx, event) => scoreSubmission(ctx, scorer, event.submission_id),
    "scoring",
  ),
];
