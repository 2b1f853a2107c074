import type { Context } from "../../platform/context.ts";
import { RESOLUTIONS, type Resolution, stepOf } from "./resolution.ts";
import { oldest, progressOf, rollUp, setProgress } from "./store.ts";

/** A sample is written within this time, or not at all. */
const SETTLED_MS = 20_000;
/** Steps that one statement works out; more of them take more statements. */
const STEPS_AT_ONCE = 5;

/**
 * Works minutes out from samples and hours from minutes, from where it last stopped. Late and repeated runs give the
 * same: each step is made from all that is kept of it, and what is kept is only removed once it has been used.
 */
export async function rollUpFigures(ctx: Context): Promise<void> {
  const now = ctx.clock.now().getTime();
  const minutes = stepOf(new Date(now - SETTLED_MS), RESOLUTIONS[1]);
  await rollUpTo(ctx, { from: RESOLUTIONS[0], to: RESOLUTIONS[1] }, minutes);
  await rollUpTo(ctx, { from: RESOLUTIONS[1], to: RESOLUTIONS[2] }, stepOf(minutes, RESOLUTIONS[2]));
}

async function rollUpTo(
  ctx: Context,
  lengths: { from: Resolution; to: Resolution },
  end: Date,
): Promise<void> {
  const progress = await progressOf(ctx.db, lengths.to);
  const begin = await oldest(ctx.db, lengths.from, progress);
  if (!begin) return;
  let done = stepOf(begin, lengths.to);
  const strideMs = lengths.to * 1000 * STEPS_AT_ONCE;
  while (done < end) {
    const next = new Date(Math.min(done.getTime() + strideMs, end.getTime()));
    await ctx.db.transaction(async (tx) => {
      await rollUp(tx, lengths, done, next);
      await setProgress(tx, lengths.to, next);
    });
    done = next;
  }
  // The clock was set back: what has been worked out for times to come is worked out again when they come.
  if (progress && progress > end) await setProgress(ctx.db, lengths.to, end);
}
