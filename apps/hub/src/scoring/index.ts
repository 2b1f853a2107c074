export { sketchSimilarity } from "./fingerprint.ts";
export { forgetScores } from "./forget-scores.ts";
export { giveUpScoring } from "./give-up-scoring.ts";
export { scoringJobs } from "./jobs.ts";
export type { Scorer } from "./judge.ts";
export { callRejudgingsAgain } from "./rejudging/call-again.ts";
export { scoringRoutes } from "./routes.ts";
export { createScorerPool } from "./scorer-pool.ts";
export { treesOfScores } from "./store.ts";
