import type { Submission } from "../../api/types.ts";

export interface Step {
  number: number;
  score: number;
  /** best score up to and including this one */
  best: number;
}

/** Scored submissions in order of their numbers, each with the best score so far. */
export function progressOf(submissions: readonly Submission[], order: "ascending" | "descending"): Step[] {
  const better = order === "ascending" ? Math.min : Math.max;
  const steps: Step[] = [];
  for (const { number, score, trial } of submissions.toSorted((a, b) => a.number - b.number)) {
    if (score === null || trial) continue;
    const before = steps.at(-1);
    steps.push({ number, score, best: before ? better(before.best, score) : score });
  }
  return steps;
}
