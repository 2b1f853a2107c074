import type { AttemptReport } from "@podium/shared";

/** A message may be under way or wait for its turn for so long; only a larger difference is the node's clock. */
const JOURNEY_MS = 5_000;

/** Says what a node's clock showed, in the hub's time, from when the node says that it is now. */
export function hubTimes(sentAt: string, now: Date): (report: AttemptReport) => AttemptReport {
  const off = now.getTime() - new Date(sentAt).getTime();
  if (Math.abs(off) <= JOURNEY_MS) return (report) => report;
  const shift = (at: string | null) => (at === null ? null : shifted(at, off, now));
  return (report) => ({
    ...report,
    started_at: shift(report.started_at),
    ended_at: shift(report.ended_at),
  });
}

function shifted(at: string, off: number, now: Date): string {
  const time = new Date(at).getTime() + off;
  return (Math.abs(time) > 8.64e15 ? now : new Date(time)).toISOString();
}
