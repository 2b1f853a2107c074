export { closeRound, roundOfOrganizer } from "./close-round.ts";
export { concludeRound } from "./conclude-round.ts";
export { roundsUsing } from "./dataset-uses.ts";
export { followMembers } from "./entrants/follow-members.ts";
export { failSubmission, type SubmissionFault } from "./fail.ts";
export { giveUpStuck } from "./give-up.ts";
export { giveUpWaiting } from "./give-up-waiting.ts";
export { competitionJobs } from "./jobs.ts";
export { markScored } from "./mark-scored.ts";
export { recordChange } from "./record-change.ts";
export { competitionRoutes } from "./routes.ts";
export { runClock } from "./run-clock.ts";
export { submissionsNaming, submissionsOfCheckpoint } from "./session-uses.ts";
export {
  type CompetitionRow,
  findCompetition,
  findRound,
  findSubmission,
  type RoundRow,
  roundsToConclude,
  treesOfCompetitions,
} from "./store.ts";
