import type { seeded } from "../../../apps/hub/src/testing/random.ts";

/** A round of a contest as it was played: how many took part, with how many models, and the most that one had. */
export interface Stage {
  name: string;
  entrants: number;
  models: number;
  maximum: number;
  /** Submissions a second that come, whatever has become of those before; null: as fast as the hub takes them. */
  perSecond: number | null;
}

/**
 * How many models each entrant has, the heaviest first: few have many, most have few, as in every contest that has
 * been counted. They sum to the stage's models.
 */
export function modelsOfEach({ entrants, models, maximum }: Stage): number[] {
  const shares = Array.from({ length: entrants }, (_, index) => 1 / (index + 1));
  const sum = shares.reduce((all, share) => all + share, 0);
  const counts = shares.map((share) => Math.max(1, Math.min(maximum, Math.floor((share / sum) * models))));
  counts[0] = Math.min(maximum, models);
  let left = models - counts.reduce((all, count) => all + count, 0);
  for (let turn = 0; left !== 0; turn += 1) {
    const at = 1 + (turn % Math.max(1, entrants - 1));
    const count = counts[at];
    if (turn > 1_000_000 || count === undefined)
      throw new RangeError(`${models} models don't fit ${entrants} entrants.`);
    const step = left > 0 ? 1 : -1;
    if (count + step < 1 || count + step > maximum) continue;
    counts[at] = count + step;
    left -= step;
  }
  return counts;
}

/** Whose turn it is to submit, by the entrant's index: mixed, as a contest's last hours are. */
export function orderOfTurns(counts: readonly number[], random: ReturnType<typeof seeded>): number[] {
  return random.shuffle(counts.flatMap((count, entrant) => Array.from({ length: count }, () => entrant)));
}
