import { sketchSimilarity } from "../../scoring/index.ts";

/**
 * Two entrants' predictions are told of from this similarity on (see `sketchSimilarity`): about 98.5 % of their rows agree.
 * Honest models stay below it and copies with 1 % of other rows lie above: docs/guides/organizer-fairness.md has figures.
 */
export const NEAR = 0.97;
/** An entrant's submissions that are looked at together, the newest ones. */
export const WINDOW = 30;
/** Of them so many that differ from the one before in few rows are a pattern, not an accident. */
export const SMALL_STEPS = 20;

/** A submission as far as its predictions can be compared. */
export interface Compared {
  id: string;
  digest: string | null;
  /** see `sketchSimilarity`; null where there is none */
  sketch: string | null;
}

/** How alike two submissions are, 0 to 1; null where they can't be compared, or are the same. */
export function similarity(a: Compared, b: Compared): number | null {
  if (a.sketch === null || b.sketch === null) return null;
  return a.digest !== null && a.digest === b.digest ? null : sketchSimilarity(a.sketch, b.sketch);
}

/**
 * Whether an entrant asks the board about single rows: one submission after another that is almost the one before, as
 * hill climbing on the score makes them. @param newestFirst  at most `WINDOW`
 * @returns how many steps were small, of how many; null where it is no pattern
 */
export function probingIn(newestFirst: readonly Compared[]): { small: number; steps: number } | null {
  let [small, steps] = [0, 0];
  for (const [index, after] of newestFirst.entries()) {
    const before = newestFirst[index + 1];
    const alike = before ? similarity(before, after) : null;
    if (alike === null) continue;
    steps += 1;
    if (alike >= NEAR) small += 1;
  }
  return small >= SMALL_STEPS ? { small, steps } : null;
}
