import type { Context } from "../platform/context.ts";
import { runAsLeader } from "../platform/leader.ts";
import { advanceRollouts } from "./rollouts/advance-rollouts.ts";
import { endDrains } from "./traffic/end-drains.ts";
import { retireIdle } from "./traffic/retire-idle.ts";

const EVERY_MS = 1_000;
const TTL_MS = 15_000;

/** Moves canaries and takes off what has no traffic any more, for as long as this hub is the one that does. */
export function startTrafficDuty(ctx: Context) {
  return runAsLeader(
    ctx,
    { name: "traffic", holder: ctx.ids.next("event").slice(4), everyMs: EVERY_MS, ttlMs: TTL_MS },
    async () => {
      await advanceRollouts(ctx);
      await retireIdle(ctx);
      await endDrains(ctx);
    },
  );
}
