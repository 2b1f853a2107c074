import type { Logger } from "pino";
import type { Clock } from "./clock.ts";
import type { Sql } from "./database.ts";

/** Looked at so often: clocks drift, and are set. */
const EVERY_MS = 60_000;
/** A difference below this may be the question's journey; time must not tremble for it. */
const JOURNEY_MS = 1_000;

/**
 * A clock that goes with the database's: hubs whose machines disagree about the time still agree on when a lease runs
 * out, a day ends and a round closes.
 * @param own  this machine's clock
 */
export async function agreeOnTime(sql: Sql, own: Clock, log: Logger): Promise<Clock & { stop(): void }> {
  let off = 0;
  async function compare() {
    const asked = own.now().getTime();
    const [row] = await sql`select extract(epoch from clock_timestamp()) * 1000 as ms`;
    const between = (asked + own.now().getTime()) / 2;
    const now = Math.round(Number(row?.["ms"]) - between);
    if (Math.abs(now - off) < JOURNEY_MS) return;
    log.warn({ off_ms: now }, "this machine's clock is not the database's: the database's counts");
    off = now;
  }
  await compare();
  const timer = setInterval(() => {
    compare().catch((error: unknown) => log.warn({ err: error }, "the database did not tell the time"));
  }, EVERY_MS);
  timer.unref();
  return { now: () => new Date(own.now().getTime() + off), stop: () => clearInterval(timer) };
}
