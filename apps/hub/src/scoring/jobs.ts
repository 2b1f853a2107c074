import { on } from "../platform/subscribers.ts";
import { placeInQueue } from "./place-in-queue.ts";
import { type Scorer, scoreSubmission } from "./score.ts";

export const scoringJobs = (scorer: Scorer) => [
  on(
    ["submission.predicted"],
    "scoring.score",
    (ctx, event) => scoreSubmission(ctx, scorer, event.submission_id),
    "scoring",
    (event) => placeInQueue(event.turn),
  ),
];
