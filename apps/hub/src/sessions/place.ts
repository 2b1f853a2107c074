import type { SessionState } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { isLeader, type Leadership } from "../platform/leader.ts";
import { oneByOne } from "../platform/one-by-one.ts";
import { decide, type Placement } from "../scheduling/index.ts";
import { interruptSession } from "./interrupt.ts";
import { applyPlacements } from "./placing/apply-placements.ts";
import { readSnapshot } from "./placing/read-snapshot.ts";
import { findSession, lockSession } from "./store.ts";

/** A turn must end well before the leader's lease does; what is left is placed in the next. */
const MAX_A_TURN = 200;
/** So many share a transaction, that is a commit and a dozen statements; more would hold teams' accounts for longer. */
const TOGETHER = 50;
const ON_A_NODE: ReadonlySet<SessionState> = new Set(["placing", "preparing", "running"]);

/**
 * One turn of the scheduler: decide over a snapshot, then apply the decisions, some dozens in a transaction. Sessions that
 * are to make room for more urgent ones save, stop, and are queued again.
 */
export async function placeSessions(ctx: Context, leadership: Leadership): Promise<void> {
  const { placements, preemptions } = decide(await readSnapshot(ctx));
  const now = placements.slice(0, MAX_A_TURN);
  for (let at = 0; at < now.length; at += TOGETHER)
    await placeTogether(ctx, leadership, now.slice(at, at + TOGETHER));
  await oneByOne(ctx, preemptions, "making room", (preemption) =>
    asLeader(ctx, leadership, (tx) => makeRoom(ctx, tx, preemption)),
  );
}

/**
 * One that can't be written down would take the others with it: then each is tried by itself. A transaction whose commit
 * was not heard of is met here again, and finds its sessions placed.
 */
async function placeTogether(
  ctx: Context,
  leadership: Leadership,
  placements: readonly Placement[],
): Promise<void> {
  const apply = (some: readonly Placement[]) =>
    asLeader(ctx, leadership, (tx) => applyPlacements(ctx, tx, some));
  try {
    await apply(placements);
  } catch (error) {
    ctx.log.warn({ err: error, count: placements.length }, "placing together failed; each is tried alone");
    await oneByOne(ctx, placements, "placing", (placement) => apply([placement]));
  }
}

/** Work that counts only while this hub leads; what has become void is decided anew in the next turn. */
async function asLeader(
  ctx: Context,
  leadership: Leadership,
  work: (tx: Tx) => Promise<void>,
): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    if (await isLeader(tx, leadership)) return work(tx);
    ctx.log.info({ reason: "this hub leads no more" }, "a decision was void; the next turn decides anew");
  });
}

async function makeRoom(
  ctx: Context,
  tx: Tx,
  { sessionId, forSession }: { sessionId: string; forSession: string },
): Promise<void> {
  const { state } = (await lockSession(tx, sessionId)) ?? {};
  if (!state || !ON_A_NODE.has(state)) {
    const reason = "what was to make room is on its way out";
    ctx.log.info({ session: sessionId, reason }, "a decision was void; the next turn decides anew");
    return;
  }
  const { name } = (await findSession(tx, { id: forSession })) ?? {};
  const reason = `makes room for ${name ?? forSession}, which is more urgent`;
  await interruptSession(ctx, tx, { sessionId, next: "queued", reason });
}
