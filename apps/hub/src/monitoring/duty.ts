import type { Context } from "../platform/context.ts";
import { runAsLeader } from "../platform/leader.ts";
import { trimCounts, trimEndpointFigures } from "../serving/index.ts";
import { DEFAULT_KEPT, type Kept } from "./figures/resolution.ts";
import { rollUpFigures } from "./figures/roll-up.ts";
import { sampleFigures } from "./figures/sample.ts";
import { trimFigures } from "./figures/trim.ts";
import { DEFAULT_IDLE } from "./watch/idle-gpus.ts";
import { type WatchLimits, watchForTrouble } from "./watch/watch.ts";

export interface MonitorSettings extends WatchLimits {
  /** how long figures are kept */
  kept: Kept;
}
const DEFAULTS: MonitorSettings = { kept: DEFAULT_KEPT, stallMs: 30 * 60_000, idleGpus: DEFAULT_IDLE };

/** Often enough that each 10 s has a turn; of the same 10 s only the first is written. */
const EVERY_MS = 5_000;
const TTL_MS = 15_000;
const MINUTE_MS = 60_000;
/** Counts of days grow slowly: once an hour is enough. */
const MINUTES_A_LOOK = 60;

/** Takes samples, works them up and looks for trouble, for as long as this hub is the one that does. */
export function startMonitor(ctx: Context, settings: MonitorSettings = DEFAULTS) {
  let minute = -1;
  return runAsLeader(
    ctx,
    { name: "monitor", holder: ctx.ids.next("event").slice(4), everyMs: EVERY_MS, ttlMs: TTL_MS },
    async () => {
      await sampleFigures(ctx);
      const now = Math.floor(ctx.clock.now().getTime() / MINUTE_MS);
      if (now === minute) return;
      minute = now;
      await rollUpFigures(ctx);
      await trimFigures(ctx, settings.kept);
      await trimEndpointFigures(ctx, settings.kept);
      if (now % MINUTES_A_LOOK === 0) await trimCounts(ctx, settings.kept);
      await watchForTrouble(ctx, settings);
    },
  );
}
