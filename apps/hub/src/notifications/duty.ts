import type { Context } from "../platform/context.ts";
import { runAsLeader } from "../platform/leader.ts";
import { forgetDeliveries } from "./store.ts";

const HOUR_MS = 3_600_000;

/** Once a day one hub forgets what became of old messages. */
export function startForgetting(ctx: Context) {
  const holder = ctx.ids.next("event").slice(4);
  const pace = { everyMs: 24 * HOUR_MS, ttlMs: 23 * HOUR_MS };
  return runAsLeader(ctx, { name: "messages", holder, ...pace }, () =>
    forgetDeliveries(ctx.db, ctx.clock.now()),
  );
}
