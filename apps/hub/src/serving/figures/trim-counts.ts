import type { Context } from "../../platform/context.ts";
import { removeKeyUsage, removeUsageReports, removeVersionFigures } from "./store.ts";
import type { KeptFigures } from "./trim-figures.ts";

/** Statements of one turn; what is left waits for the next. */
const STATEMENTS = 30;

/**
 * Removes the calls that keys made on days before the time that hours' figures are kept for, never of this month, whose
 * quotas count them; what was counted of versions that were taken off longer ago than minutes' figures are kept; and usage
 * reports that old, which their gateways' later ones make needless.
 * @returns how many of each
 */
export async function trimCounts(
  ctx: Context,
  kept: KeptFigures,
): Promise<{ keyDays: number; versions: number; reports: number }> {
  const now = ctx.clock.now();
  const before = (seconds: keyof KeptFigures) => new Date(now.getTime() - kept[seconds]);
  const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));
  const day = before(3600) < month ? before(3600) : month;
  return {
    keyDays: await untilNone(() => removeKeyUsage(ctx.db, day)),
    versions: await untilNone(() => removeVersionFigures(ctx.db, before(60))),
    reports: await untilNone(() => removeUsageReports(ctx.db, before(60))),
  };
}

async function untilNone(remove: () => Promise<number>): Promise<number> {
  let removed = 0;
  for (let statement = 0; statement < STATEMENTS; statement++) {
    const some = await remove();
    removed += some;
    if (some === 0) break;
  }
  return removed;
}
