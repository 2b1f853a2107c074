import { on } from "../platform/subscribers.ts";
import { conclude } from "./conclude.ts";
import { updateStanding } from "./update.ts";

export const leaderboardJobs = [
  on(["submission.scored"], "leaderboards.update", (ctx, event) => updateStanding(ctx, event.submission_id)),
  on(["round.closing", "submission.scored", "submission.failed"], "leaderboards.conclude", (ctx, event) =>
    conclude(ctx, event.round_id),
  ),
];
