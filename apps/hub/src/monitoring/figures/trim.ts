import type { Context } from "../../platform/context.ts";
import { type Kept, RESOLUTIONS } from "./resolution.ts";
import { progressOf, removeFigures } from "./store.ts";

/** Batches of one turn; what is left waits for the next. */
const BATCHES = 30;

/** Removes figures that are older than they are kept and, but for the coarsest, have been used for coarser ones. */
export async function trimFigures(ctx: Context, kept: Kept): Promise<number> {
  let removed = 0;
  for (const [index, seconds] of RESOLUTIONS.entries()) {
    const coarser = RESOLUTIONS[index + 1];
    const used = coarser === undefined ? null : await progressOf(ctx.db, coarser);
    if (coarser !== undefined && used === null) continue;
    const old = ctx.clock.now().getTime() - kept[seconds];
    const before = new Date(Math.min(old, used?.getTime() ?? old));
    for (let batch = 0; batch < BATCHES; batch++) {
      const some = await removeFigures(ctx.db, seconds, before);
      removed += some;
      if (some === 0) break;
    }
  }
  return removed;
}
