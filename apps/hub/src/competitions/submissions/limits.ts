import { type CompetitionDefinition, durationMs, type RoundDefinition } from "@podium/shared";

export interface Tries {
  /** submissions of this round that count: all but refunded failures and trial runs */
  all: number;
  today: number;
  pending: number;
  refundedToday: number;
  /** when the newest of those that count was made */
  lastAt: Date | null;
}

export interface Reached {
  message: string;
  retryAfterSeconds: number | null;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Trial runs of an entrant in a round, in any hour. */
export const TRIALS_AN_HOUR = 30;

/** Why an entrant may not submit now, with when it may again; null when it may. Compared with ≥, so an overshoot never passes. */
export function limitReached(tries: Tries, limits: RoundDefinition["limits"], now: Date): Reached | null {
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
      retryAfterSeconds: Math.ceil((dayStart(now).getTime() + DAY_MS - now.getTime()) / 1000),
    };
  }
  return tooSoon(tries.lastAt, limits.interval, now);
}

function tooSoon(lastAt: Date | null, interval: string | undefined, now: Date): Reached | null {
  if (interval === undefined || lastAt === null) return null;
  const waitMs = lastAt.getTime() + durationMs(interval) - now.getTime();
  if (waitMs <= 0) return null;
  const seconds = Math.ceil(waitMs / 1000);
  return {
    message: `This round takes one submission every ${interval}; your next is due in ${seconds} s. Failures that cost nothing don't count.`,
    retryAfterSeconds: seconds,
  };
}

/** Why an entrant may not make a trial run now; null when it may. They count beside submissions, not among them. */
export function trialsReached(
  trials: { pending: number; lastHour: number; firstOfHour: Date | null },
  limits: Pick<RoundDefinition["limits"], "pending">,
  now: Date,
): Reached | null {
  if (trials.pending >= limits.pending) {
    return {
      message: `${trials.pending} of your trial runs are under way; ${limits.pending} may be at once. Wait for one to end.`,
      retryAfterSeconds: 5,
    };
  }
  if (trials.lastHour < TRIALS_AN_HOUR) return null;
  const free = (trials.firstOfHour ?? now).getTime() + HOUR_MS;
  return {
    message: `You have made ${trials.lastHour} trial runs within an hour; ${TRIALS_AN_HOUR} are allowed.`,
    retryAfterSeconds: Math.max(1, Math.ceil((free - now.getTime()) / 1000)),
  };
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
