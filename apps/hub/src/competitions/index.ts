export { advanceRound } from "./advancing/advance-round.ts";
export { undoAdvance, whyNotUndoable } from "./advancing/undo-advance.ts";
export { closeRound, roundOfOrganizer } from "./close-round.ts";
export { concludeRound } from "./conclude-round.ts";
export { roundsUsing } from "./dataset-uses.ts";
export { followMembers } from "./entrants/follow-members.ts";
export { failSubmission, type SubmissionFault } from "./fail.ts";
export { giveUpStuck } from "./give-up.ts";
export { giveUpWaiting } from "./give-up-waiting.ts";
export { recordChange } from "./history/record-change.ts";
export { competitionJobs } from "./jobs.ts";
export { markScored } from "./mark-scored.ts";
export { revealRound } from "./reveal-round.ts";
export { competitionRoutes } from "./routes.ts";
export { runClock } from "./run-clock.ts";
export { submissionsNaming, submissionsOfCheckpoint } from "./session-uses.ts";
export { showRoundNamed } from "./show.ts";
export {
  type CompetitionRow,
  countUnderWay,
  findCompetition,
  findRound,
  findSubmission,
  holdRound,
  listRounds,
  lockRound,
  lockSubmission,
  type RoundRow,
  roundsToConclude,
  type SubmissionRow,
  treesOfCompetitions,
  updateRound,
  updateSubmission,
} from "./store.ts";
export { submissionIds } from "./submit.ts";
