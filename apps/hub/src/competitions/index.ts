export { roundsUsing } from "./definition/dataset-uses.ts";
export { followMembers } from "./entrants/follow-members.ts";
export { findMergeById } from "./entrants/merging/store.ts";
export { recordChange } from "./history/record-change.ts";
export { findChange } from "./history/store.ts";
export { competitionJobs } from "./jobs.ts";
export { endAbandoned, type ForgetContest } from "./rehearsals/end.ts";
export { advanceRound } from "./rounds/advance-round.ts";
export { closeRound, roundOfOrganizer } from "./rounds/close-round.ts";
export { concludeRound } from "./rounds/conclude-round.ts";
export { revealRound } from "./rounds/reveal-round.ts";
export { runClock } from "./rounds/run-clock.ts";
export { undoAdvance, whyNotUndoable } from "./rounds/undo-advance.ts";
export { competitionRoutes } from "./routes.ts";
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
export { failSubmission, type SubmissionFault } from "./submissions/fail.ts";
export { giveUpStuck } from "./submissions/give-up.ts";
export { giveUpWaiting } from "./submissions/give-up-waiting.ts";
export { markScored } from "./submissions/mark-scored.ts";
export { submissionsNaming, submissionsOfCheckpoint } from "./submissions/session-uses.ts";
export { stopUnlessEnding } from "./submissions/stop-unless-ending.ts";
export { submissionIds } from "./submissions/submit.ts";
