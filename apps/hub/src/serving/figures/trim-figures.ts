import type { Context } from "../../platform/context.ts";
import { removeEndpointFigures } from "./store.ts";

/** Statements of one turn; what is left waits for the next. */
const STATEMENTS = 30;

/** How long figures of minutes and of hours are kept, milliseconds: as long as those of nodes. */
export interface KeptFigures {
  60: number;
  3600: number;
}

const DAY_MS = 24 * 3_600_000;
export const DEFAULT_KEPT: KeptFigures = { 60: 14 * DAY_MS, 3600: 730 * DAY_MS };

/** Removes endpoints' figures that are older than they are kept. @returns how many */
export async function trimEndpointFigures(ctx: Context, kept: KeptFigures): Promise<number> {
  let removed = 0;
  for (const seconds of [60, 3600] as const) {
    const before = new Date(ctx.clock.now().getTime() - kept[seconds]);
    for (let statement = 0; statement < STATEMENTS; statement++) {
      const some = await removeEndpointFigures(ctx.db, seconds, before);
      removed += some;
      if (some === 0) break;
    }
  }
  return removed;
}
