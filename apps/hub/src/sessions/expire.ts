import type { Id } from "@podium/shared";
import { fenceNode, markLost } from "../nodes/index.ts";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { oneByOne } from "../platform/one-by-one.ts";
import { emit } from "../platform/outbox.ts";
import { endAttempt } from "./end.ts";
import { expiredAttempts, lockLiveAttempt, lockSessionOfAttempt, updateAttempt } from "./store.ts";

/**
 * Takes back what a silent node holds: fences the node (nothing is placed on it until it runs nothing that it should
 * not, see heartbeat.ts), then frees its attempts' devices and queues their sessions.
 * @returns how many leases had run out
 */
export async function expireLeases(ctx: Context): Promise<number> {
  const { leaseMs } = ctx.settings;
  const now = ctx.clock.now();
  const from = (ms: number) => new Date(now.getTime() + ms);
  for (const id of await markLost(ctx.db, from(-leaseMs), from(leaseMs)))
    await emit(ctx, ctx.db, { type: "node.changed", node_id: id as Id<"node"> });
  const expired = await expiredAttempts(ctx.db, now, from(2 * leaseMs));
  let count = 0;
  await oneByOne(ctx, expired, "expiring leases", async ({ id }) => {
    if (!(await ctx.db.transaction((tx) => expireOne(ctx, tx, id, now)))) return;
    count += 1;
    ctx.log.warn({ attempt: id }, "a lease ran out: its node was not heard of in time");
  });
  return count;
}

/** False: its node was heard of in the meantime. From the lock on, a heartbeat can't extend the lease any more. */
async function expireOne(ctx: Context, tx: Tx, attemptId: string, now: Date): Promise<boolean> {
  const session = await lockSessionOfAttempt(tx, attemptId);
  const attempt = await lockLiveAttempt(tx, attemptId);
  if (!session || !attempt) return false;
  const { leaseMs } = ctx.settings;
  if (attempt.leaseUntil.getTime() > now.getTime() + 2 * leaseMs)
    await updateAttempt(tx, attempt.id, { leaseUntil: new Date(now.getTime() + leaseMs) });
  if (attempt.leaseUntil >= now) return false;
  const failure = {
    code: "node_lost" as const,
    message: "Its node has not been heard of.",
    location: null,
    hint: null,
  };
  const lastHeard = attempt.leaseUntil.getTime() - leaseMs;
  const endedAt = new Date(Math.max(lastHeard, (attempt.startedAt ?? attempt.createdAt).getTime()));
  // The node may have been seen a moment ago, by a hub that did not extend the lease: fenced it must be all the same.
  if (await fenceNode(tx, attempt.nodeId))
    await emit(ctx, tx, { type: "node.changed", node_id: attempt.nodeId as Id<"node"> });
  await endAttempt(ctx, tx, attempt, session, { exitCode: null, failure, endedAt });
  return true;
}
