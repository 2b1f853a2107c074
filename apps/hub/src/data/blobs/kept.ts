/** A file or tree that nothing names is kept this long after it was last sent or asked for, ms. */
export const UNNAMED_KEPT_MS = 24 * 3_600_000;

/** What was touched before this is too old to be left as it is: the next use says so again. */
export const stale = (now: Date) => new Date(now.getTime() - UNNAMED_KEPT_MS / 2);
/** What was last touched before this may go, if nothing names it. */
export const expired = (now: Date) => new Date(now.getTime() - UNNAMED_KEPT_MS);
