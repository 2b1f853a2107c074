import type { Submission } from "../../api/types.ts";

/** What of a submission its place in the course of scores is known by. */
export type Scored = Pick<Submission, "number" | "score" | "trial">;

export interface Step {
  number: number;
  score: number;
  /** best score up to and including this one */
  best: number;
}

/** Scored submissions in order of their numbers, each with the best score so far. */
export function progressOf(submissions: readonly Scored[], order: "ascending" | "descending"): Step[] {
  const better = order === "ascending" ? Math.min : Math.max;
  const steps: Step[] = [];
  for (const { number, score, trial } of submissions.toSorted((a, b) => a.number - b.number)) {
    if (score === null || trial) continue;
    const before = steps.at(-1);
    steps.push({ number, score, best: before ? better(before.best, score) : score });
  }
  return steps;
}
