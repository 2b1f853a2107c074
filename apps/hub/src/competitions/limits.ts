import type { CompetitionDefinition, RoundDefinition } from "@podium/shared";

export interface Tries {
  /** submissions of this round that count: all but refunded failures */
  all: number;
  today: number;
  pending: number;
  refundedToday: number;
}

/** Why an entrant may not submit now, with when it may again; null when it may. Compared with ≥, so an overshoot never passes. */
export function limitReached(
  tries: Tries,
  limits: RoundDefinition["limits"],
  secondsToMidnight: number,
): { message: string; retryAfterSeconds: number | null } | null {
  if (tries.all >= limits.total) {
    return {
      message: `This round allows ${limits.total} submissions and you have made ${tries.all}.`,
      retryAfterSeconds: null,
    };
  }
  if (tries.pending >= limits.pending) {
    return {
      message: `${tries.pending} of your submissions are under way; ${limits.pending} may be at once. Wait for one to end.`,
      retryAfterSeconds: 5,
    };
  }
  if (tries.today >= limits.per_day) {
    return {
      message: `This round allows ${limits.per_day} submissions a day (UTC) and you have made ${tries.today}.`,
      retryAfterSeconds: secondsToMidnight,
    };
  }
  return null;
}

/** Whether a failure costs nothing: the platform's faults never do; the entrant's by the contest's rule, up to its bound. */
export function isRefunded(
  rule: CompetitionDefinition["failed_submissions"],
  platformFault: boolean,
  refundedToday: number,
): boolean {
  return platformFault || (rule.refund && refundedToday < rule.per_day);
}

/** Start of the UTC day that `now` is in. */
export function dayStart(now: Date): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()));
}
