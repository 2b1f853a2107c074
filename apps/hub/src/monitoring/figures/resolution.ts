/** The lengths that figures are kept in, seconds; each is worked out from the one before. */
export const RESOLUTIONS = [10, 60, 3600] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** How long figures of each length are kept, milliseconds. */
export type Kept = Readonly<Record<Resolution, number>>;

const HOUR_MS = 3_600_000;
export const DEFAULT_KEPT: Kept = { 10: 6 * HOUR_MS, 60: 14 * 24 * HOUR_MS, 3600: 730 * 24 * HOUR_MS };

/** Rows that are read for one point at most; of more, the next coarser figures are the mean already. */
const ROWS_A_POINT = 30;

export interface Span {
  from: Date;
  to: Date;
  /** at most */
  points: number;
}

export interface Reading {
  /** which figures to read */
  seconds: Resolution;
  /** what one point of the answer covers: a multiple of `seconds` */
  stepSeconds: number;
}

/**
 * The finest figures that reach back to the span's beginning and are not too many to read, and how many of them make a
 * point so that there are no more points than asked for.
 */
export function chooseReading({ from, to, points }: Span, now: Date, kept: Kept): Reading {
  const span = (to.getTime() - from.getTime()) / 1000;
  const reaches = (seconds: Resolution) => from.getTime() >= now.getTime() - kept[seconds];
  const seconds =
    RESOLUTIONS.find((each) => reaches(each) && span / each <= points * ROWS_A_POINT) ?? RESOLUTIONS[2];
  // One less: a span that begins inside a step touches one step more than it is long.
  const stepSeconds = seconds * Math.max(1, Math.ceil(span / seconds / Math.max(1, points - 1)));
  return { seconds, stepSeconds };
}

/** The beginning of the step that a moment is in. */
export function stepOf(at: Date, seconds: number): Date {
  const ms = seconds * 1000;
  return new Date(Math.floor(at.getTime() / ms) * ms);
}
