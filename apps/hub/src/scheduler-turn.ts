import { giveUpStuck, giveUpWaiting, runClock } from "./competitions/index.ts";
import { concludeDue } from "./leaderboards/index.ts";
import type { Context } from "./platform/context.ts";
import type { Leadership } from "./platform/leader.ts";
import { callRejudgingsAgain, giveUpScoring, waitForNodes } from "./scoring/index.ts";
import { expireLeases, meterSessions, placeSessions, requeueDue } from "./sessions/index.ts";

/** Turns further apart than this were not held up by work: the database or this machine was away, or a clock was set. */
const MAX_GAP_MS = 10_000;

/** What the scheduler's leader does again and again; it remembers for how long it has been doing so. */
export function schedulerTurn(ctx: Context): (leadership: Leadership) => Promise<void> {
  let term = { epoch: -1, since: 0, last: 0 };
  return async (leadership) => {
    const now = ctx.clock.now().getTime();
    const goesOn = leadership.epoch === term.epoch && Math.abs(now - term.last) < MAX_GAP_MS;
    term = { epoch: leadership.epoch, since: goesOn ? term.since : now, last: now };
    await requeueDue(ctx);
    await placeSessions(ctx, leadership);
    await meterSessions(ctx);
    await runClock(ctx);
    await giveUpStuck(ctx);
    await concludeDue(ctx);
    // Nodes could not report while no hub led, or no database answered, and what a clock said before it was set means
    // nothing: they get one lease's time before they count as silent, and before what waits for them is given up.
    const after = ctx.clock.now().getTime();
    const heldUp = Math.abs(after - now) > MAX_GAP_MS;
    term = { epoch: leadership.epoch, since: heldUp ? after : term.since, last: after };
    if (after - term.since <= ctx.settings.leaseMs) return;
    await expireLeases(ctx);
    await giveUpWaiting(ctx);
    await giveUpScoring(ctx);
    await waitForNodes(ctx);
    await callRejudgingsAgain(ctx);
  };
}
