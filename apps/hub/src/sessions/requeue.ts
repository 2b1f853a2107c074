import type { Id } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { oneByOne } from "../platform/one-by-one.ts";
import { emit } from "../platform/outbox.ts";
import { listRetrying } from "./life/store.ts";
import { isDue } from "./retry.ts";
import { lockSession, type SessionRow, updateSession } from "./store.ts";

/** Takes a session's attempt from it: its next one will go on from what it saved last. */
export async function putBack(
  ctx: Context,
  tx: Tx,
  session: SessionRow,
  to: { state: "queued" | "paused" | "retrying" } & Partial<
    Pick<SessionRow, "retryAt" | "retriesUsed" | "ranMs" | "stopReason">
  >,
): Promise<void> {
  await updateSession(tx, session.id, {
    retryAt: null,
    ...to,
    afterStop: null,
    // A higher epoch voids every write that the old attempt may still send.
    epoch: session.epoch + 1,
    attemptId: null,
    nodeId: null,
    startedAt: null,
    checkpoint: nextCheckpoint(session),
  });
  const ids = { session_id: session.id as Id<"session">, team_id: session.teamId as Id<"team"> };
  await emit(ctx, tx, { type: to.state === "queued" ? "session.queued" : "session.changed", ...ids });
}

/** Only training makes progress that is worth going on from. */
function nextCheckpoint({ kind, checkpoint, latestCheckpoint }: SessionRow) {
  return kind === "train" ? (latestCheckpoint ?? checkpoint) : checkpoint;
}

/** Queues the sessions whose time to be tried again has come. @returns how many there were */
export async function requeueDue(ctx: Context): Promise<number> {
  const now = ctx.clock.now();
  const due = (await listRetrying(ctx.db)).filter(({ retryAt }) => retryAt && isDue(retryAt, now));
  await oneByOne(ctx, due, "trying sessions again", ({ id }) =>
    ctx.db.transaction((tx) => requeueOne(ctx, tx, id, now)),
  );
  return due.length;
}

async function requeueOne(ctx: Context, tx: Tx, id: string, now: Date): Promise<void> {
  const session = await lockSession(tx, id);
  if (session?.state !== "retrying" || !session.retryAt || !isDue(session.retryAt, now)) return;
  await updateSession(tx, id, { state: "queued", retryAt: null });
  await emit(ctx, tx, {
    type: "session.queued",
    session_id: session.id as Id<"session">,
    team_id: session.teamId as Id<"team">,
  });
}
