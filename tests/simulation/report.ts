import type { Outcome } from "./run-seed.ts";

/** The whole story of a seed that is not well, and how to see it again. */
export function storyOf({ seed, violations, story }: Outcome, planted?: string): string {
  return [
    `seed ${seed}: ${violations.length} ${violations.length === 1 ? "violation" : "violations"}`,
    ...story,
    "",
    ...violations.map((violation) => `VIOLATED ${violation}`),
    `To see it again: ${replayOf(seed, planted)}`,
  ].join("\n");
}

/** The command that plays this seed alone. */
export function replayOf(seed: number, planted?: string): string {
  return `npm run sim -- --from ${seed} --seeds 1${planted ? ` --planted ${planted}` : ""}`;
}

/** How often each thing happened: a simulation that never reaches a case proves nothing about it. */
export function addReached(all: readonly Outcome["reached"][]): Outcome["reached"] {
  const sum: Outcome["reached"] = {};
  for (const reached of all)
    for (const [name, times] of Object.entries(reached)) sum[name] = (sum[name] ?? 0) + times;
  return sum;
}
