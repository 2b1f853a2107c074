import { on } from "../platform/subscribers.ts";
import { conclude } from "./conclude.ts";
import { lookForUnfairness } from "./fairness/look.ts";
import { followEntrant } from "./follow-entrant.ts";
import { rebuildCompetition, rebuildJudged } from "./rebuild.ts";
import { updateStanding } from "./update.ts";

export const leaderboardJobs = [
  // `changed`: one that was scored long ago was chosen to count, or judged anew.
  // In a queue of its own: people wait for it, and for what else follows a score nobody does.
  on(
    ["submission.scored", "submission.changed"],
    "leaderboards.update",
    async (ctx, event) => {
      await updateStanding(ctx, event.submission_id);
      // It may have been the last one that its round waits for.
      if (event.type === "submission.scored") await conclude(ctx, event.round_id);
    },
    "boards",
  ),
  on(["submission.scored"], "leaderboards.look-for-unfairness", (ctx, event) =>
    lookForUnfairness(ctx, event.submission_id),
  ),
  on(["entrant.changed"], "leaderboards.follow-entrant", (ctx, event) =>
    followEntrant(ctx, event.entrant_id),
  ),
  on(["rejudging.changed"], "leaderboards.rebuild", (ctx, event) => rebuildJudged(ctx, event.round_id)),
  on(["competition.changed"], "leaderboards.rebuild-all", (ctx, event) =>
    rebuildCompetition(ctx, event.competition_id),
  ),
  on(["round.closing", "submission.failed"], "leaderboards.conclude", (ctx, event) =>
    conclude(ctx, event.round_id),
  ),
];
