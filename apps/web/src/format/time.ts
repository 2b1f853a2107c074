const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const ago = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** A moment in full, in the reader's zone and with its name: for hovering. */
export const fullTime = (instant: string): string => full.format(Date.parse(instant));

/** Date and time to the minute, in the reader's zone. */
export const shortTime = (instant: string): string => day.format(Date.parse(instant));

/** Hours, minutes and seconds, in the reader's zone. */
export const clockTime = (instant: string): string => clock.format(Date.parse(instant));

/** "2 min. ago", "in 3 days"; beyond a week the date itself. */
export function relativeTime(instant: string, nowMs: number): string {
  const distance = Date.parse(instant) - nowMs;
  const size = Math.abs(distance);
  if (size < 10 * SECOND) return "just now";
  if (size < MINUTE) return ago.format(Math.trunc(distance / SECOND), "second");
  if (size < HOUR) return ago.format(Math.trunc(distance / MINUTE), "minute");
  if (size < DAY) return ago.format(Math.trunc(distance / HOUR), "hour");
  if (size < 7 * DAY) return ago.format(Math.trunc(distance / DAY), "day");
  return shortTime(instant);
}

/** How long something took: `840 ms`, `12.4 s`, `3 min 20 s`, `2 h 5 min`, `4 d 1 h`. */
export function duration(ms: number): string {
  if (ms < SECOND) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < MINUTE) return `${Number((ms / SECOND).toFixed(1))} s`;
  if (ms < HOUR) return two(ms, MINUTE, "min", SECOND, "s");
  if (ms < DAY) return two(ms, HOUR, "h", MINUTE, "min");
  return two(ms, DAY, "d", HOUR, "h");
}

function two(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const whole = Math.floor(ms / large);
  const rest = Math.floor((ms % large) / small);
  return rest === 0 ? `${whole} ${largeName}` : `${whole} ${largeName} ${rest} ${smallName}`;
}

/** Milliseconds between two moments; an end of null stands for now. */
export const between = (start: string, end: string | null, nowMs: number): number =>
  Math.max(0, (end === null ? nowMs : Date.parse(end)) - Date.parse(start));
