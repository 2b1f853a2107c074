import type { RoundDefinition } from "@podium/shared";

const DAY_MS = 86_400_000;

export interface CombinedRound {
  name: string;
  limits: Pick<RoundDefinition["limits"], "per_day" | "total">;
  openedAt: Date;
  /** null: it is open still */
  closedAt: Date | null;
  /** submissions of both that count against the limits */
  made: number;
}

/**
 * Kaggle's rule: together two entrants may have made what one could have: the daily limit times the days that the round
 * has been open (each UTC day that it was, this one included), and no more than its total.
 * @returns why they may not merge; null when they may
 */
export function tooManyMade(
  { name, limits, openedAt, closedAt, made }: CombinedRound,
  now: Date,
): string | null {
  const days = dayOf(closedAt ?? now) - dayOf(openedAt) + 1;
  const allowed = Math.min(limits.total, limits.per_day * days);
  if (made <= allowed) return null;
  return `together you have made ${made} submissions to ${name}, and one entrant could have made ${allowed} (${limits.per_day} a day for ${days} days, ${limits.total} in all)`;
}

const dayOf = (at: Date) => Math.floor(at.getTime() / DAY_MS);
