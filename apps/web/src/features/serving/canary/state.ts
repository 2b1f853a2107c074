import type { Rollout } from "../../../api/types.ts";

/** It has the endpoint's traffic in hand. */
export const isUnderWay = ({ state }: Pick<Rollout, "state">) => state === "running" || state === "paused";

/** Where it stands, such as `25 % of the calls (step 2 of 4)`. */
export function standOf({ step, steps }: Pick<Rollout, "step" | "steps">): string {
  if (step < 0) return "compared as a shadow, before its first calls";
  return `${steps[step] ?? 0} % of the calls (step ${step + 1} of ${steps.length})`;
}

/** What it is judged by, in a sentence. */
export function ruleOf(rollout: Rollout): string {
  const rules = [
    `at most ${percentOf(rollout.max_error_rate)} of its calls fail`,
    ...(rollout.max_p99_ratio === null
      ? []
      : [`its p99 is at most ${rollout.max_p99_ratio} times that of the versions before`]),
    ...(rollout.shadow_calls === 0
      ? []
      : [`${percentOf(rollout.min_agreement)} of ${rollout.shadow_calls} compared answers agree`]),
  ];
  return `${rules.join("; ")}. Judged by at least ${rollout.min_calls} calls a step.`;
}

const percentOf = (share: number) => `${Number((share * 100).toFixed(2))} %`;

/** Steps as a person typed them: `5, 25, 50, 100`. Null: they don't grow, or don't end with 100. */
export function stepsTyped(text: string): number[] | null {
  const steps = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const grow = steps.every((step, index) => step > (steps[index - 1] ?? 0));
  return grow && steps.at(-1) === 100 ? steps : null;
}
