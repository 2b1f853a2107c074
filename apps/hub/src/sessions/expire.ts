import { markLost } from "../nodes/index.ts";
import type { Context } from "../platform/context.ts";
import { endAttempt } from "./end.ts";
import { expiredAttempts, findAttempt, lockSession } from "./store.ts";

/**
 * Takes back what a silent node holds: fences the node (nothing is placed on it until it reports again, and by
 * then it has been told to kill what it still runs), then frees its attempts' devices and queues their sessions.
 */
export async function expireLeases(ctx: Context): Promise<number> {
  const now = ctx.clock.now();
  await markLost(ctx.db, new Date(now.getTime() - ctx.settings.leaseMs));
  const expired = await expiredAttempts(ctx.db, now);
  for (const { id } of expired) {
    await ctx.db.transaction(async (tx) => {
      const found = await findAttempt(tx, id);
      const session = found ? await lockSession(tx, found.session.id) : null;
      const fresh = await findAttempt(tx, id);
      if (!session || !fresh || fresh.attempt.leaseUntil >= now || session.attemptId !== id) return;
      const failure = {
        code: "node_lost" as const,
        message: "Its node has not been heard of. The session starts again elsewhere.",
        location: null,
        hint: null,
      };
      await endAttempt(ctx, tx, fresh.attempt, session, { exitCode: null, failure, endedAt: now });
    });
    ctx.log.warn({ attempt: id }, "a lease ran out; the session is queued again");
  }
  return expired.length;
}
