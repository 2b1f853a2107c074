export { sketchSimilarity } from "./fingerprint.ts";
export { scoringJobs } from "./jobs.ts";
export type { Scorer } from "./score.ts";
export { createScorerPool } from "./scorer-pool.ts";
