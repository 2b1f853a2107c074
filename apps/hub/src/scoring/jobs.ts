import { on } from "../platform/subscribers.ts";
import { commitRound } from "./commit-round.ts";
import type { Scorer } from "./judge.ts";
import { LAST_PLACE, placeInQueue } from "./place-in-queue.ts";
import { programEnded } from "./programs/program-ended.ts";
import { programPlaced } from "./programs/program-placed.ts";
import { judgeNext } from "./rejudging/judge-next.ts";
import { scoreSubmission } from "./score.ts";

export const scoringJobs = (scorer: Scorer) => [
  on(
    ["submission.predicted"],
    "scoring.score",
    (ctx, event) => scoreSubmission(ctx, scorer, event.submission_id),
    "scoring",
    (event) => placeInQueue(event.turn),
  ),
  on(
    ["rejudging.due"],
    "scoring.rejudge",
    (ctx, event) => judgeNext(ctx, scorer, event.rejudging_id),
    "scoring",
    () => LAST_PLACE,
  ),
  on(["round.opened"], "scoring.commit", (ctx, event) => commitRound(ctx, event.round_id)),
  on(["session.placed", "session.changed"], "scoring.program-placed", (ctx, event) =>
    programPlaced(ctx, event.session_id),
  ),
  on(["session.ended"], "scoring.program-ended", (ctx, event) => programEnded(ctx, event.session_id)),
];
