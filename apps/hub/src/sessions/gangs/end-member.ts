import type { Id } from "@podium/shared";
import { refundAttempt } from "../../credits/index.ts";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { type Ending, isPlatformFault } from "../ending.ts";
import type { AttemptRow, SessionRow } from "../store.ts";
import { membersOf } from "./store.ts";
import { tellToStop } from "./tell-nodes.ts";
import { hasFallen, isOver, startOf, wholeEnding } from "./whole.ts";

/**
 * What it means for a gang that one of its members has ended, under the session's lock. While others are left nothing
 * ends but that member; when it did not end well the others are stopped, at once and without a checkpoint: what one of
 * them would save is a piece of something that is no more. A fault of the platform makes all members free.
 * Crash between the commit and the nodes hearing of it: assignments say it again with the next heartbeat.
 * @returns how the gang has ended, as if it had been one attempt; null while members are left
 */
export async function endMember(
  ctx: Context,
  tx: Tx,
  session: SessionRow,
): Promise<{ attempt: AttemptRow; ending: Ending } | null> {
  const members = await membersOf(tx, session);
  const [first] = members;
  if (!first) throw new Error(`Session ${session.id} has no members.`);
  if (!members.every(isOver)) {
    // While it stops, members stay for rank 0; see the runner's `SessionRun`.
    const isTold = session.state === "stopping" ? isOver(first) : hasFallen(members);
    if (isTold) await tellToStop(ctx, tx, session);
    const ids = { session_id: session.id as Id<"session">, team_id: session.teamId as Id<"team"> };
    await emit(ctx, tx, { type: "session.changed", ...ids });
    return null;
  }
  const ending = wholeEnding(members);
  if (isPlatformFault(ending.failure))
    for (const { id } of members)
      await refundAttempt(ctx, tx, id, `${session.name}: ${ending.failure?.code}`);
  return { attempt: { ...first, startedAt: startOf(members) }, ending };
}
