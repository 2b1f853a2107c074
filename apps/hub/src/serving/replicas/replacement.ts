/** How a replica ended that nobody wanted to end. */
export interface Loss {
  endedAt: Date;
  reason: string;
  /** its team could not pay */
  unpaid: boolean;
}

/** After so many losses within the window no further replica is started. */
export const MAX_LOSSES = 5;
const WINDOW_MS = 30 * 60_000;
const FIRST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 10 * 60_000;

export interface Replacement {
  /** a replica may be started now */
  allowed: boolean;
  /** so many were lost that no further one is started for now, or none has ever loaded */
  givenUp: boolean;
  /** the latest loss, while it matters */
  reason: string | null;
}

/**
 * Whether lost replicas are replaced. The first at once, for it may be chance; then after 10 s, 20 s, 40 s …; after five
 * within half an hour no more, until the window has moved on. A model that was never loaded is not tried again: it
 * would fail as it did. Without credit there is no try before there is some.
 * @param newestFirst losses that are not forgiven
 * @param hasLoaded   some replica of the binding has been ready once
 */
export function replacementOf(
  newestFirst: readonly Loss[],
  { hasLoaded, canPay, now }: { hasLoaded: boolean; canPay: boolean; now: Date },
): Replacement {
  const recent = newestFirst.filter(({ endedAt }) => now.getTime() - endedAt.getTime() < WINDOW_MS);
  const [last] = recent;
  if (last?.unpaid) {
    const { reason } = last;
    return { allowed: canPay && isOver(last, recent.length, now), givenUp: !canPay, reason };
  }
  const crash = newestFirst.find(({ unpaid }) => !unpaid);
  if (!hasLoaded && crash) return { allowed: false, givenUp: true, reason: crash.reason };
  if (!last) return { allowed: true, givenUp: false, reason: null };
  const givenUp = recent.filter(({ unpaid }) => !unpaid).length >= MAX_LOSSES;
  return { allowed: !givenUp && isOver(last, recent.length, now), givenUp, reason: last.reason };
}

/** True when the wait after the last of so many losses is over. */
function isOver(last: Loss, count: number, now: Date): boolean {
  const waitMs =
    count <= 1 && !last.unpaid ? 0 : Math.min(FIRST_WAIT_MS * 2 ** Math.max(0, count - 2), LONGEST_WAIT_MS);
  return now.getTime() - last.endedAt.getTime() >= waitMs;
}
