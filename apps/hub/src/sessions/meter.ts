import { DomainError, type Id } from "@podium/shared";
import { reserveSlice, SLICE_MS, settleSlices, shiftFirstSlice } from "../credits/index.ts";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { emit } from "../platform/outbox.ts";
import { meteredOf } from "./metered.ts";
import { stopSession } from "./stop.ts";
import { type AttemptRow, findAttempt, liveAttempts, lockSession, type SessionRow } from "./store.ts";

/** The next slice is reserved this long before the one before it is used up. */
const AHEAD_MS = 10_000;

/** Time is paid for from the first line of the user's code, not from placement. */
export async function startMetering(
  _ctx: Context,
  tx: Tx,
  attempt: AttemptRow,
  _session: SessionRow,
  startedAt: Date,
): Promise<void> {
  await shiftFirstSlice(tx, attempt.id, startedAt);
}

/**
 * Reserves what running sessions will use next and settles what they have used; one whose team can't pay gets
 * its stop signal (checkpoint call, grace period) when its last paid slice ends. Idempotent: slices are unique.
 */
export async function meterSessions(ctx: Context): Promise<void> {
  const now = ctx.clock.now();
  for (const { attempt } of await liveAttempts(ctx.db)) {
    if (!attempt.startedAt) continue;
    const elapsed = now.getTime() - attempt.startedAt.getTime();
    if (elapsed < SLICE_MS - AHEAD_MS) continue;
    await ctx.db.transaction((tx) => meterOne(ctx, tx, attempt, elapsed, now));
  }
}

async function meterOne(ctx: Context, tx: Tx, { id }: AttemptRow, elapsed: number, now: Date): Promise<void> {
  const found = await findAttempt(tx, id);
  const session = found ? await lockSession(tx, found.session.id) : null;
  if (!found?.attempt.startedAt || !session || session.attemptId !== id) return;
  const metered = await meteredOf(tx, found.attempt, session);
  await settleSlices(ctx, tx, metered, now, false);
  if (session.state === "stopping") return;

  const wanted = Math.floor((elapsed + AHEAD_MS) / SLICE_MS);
  try {
    for (let slice = 1; slice <= wanted; slice++) {
      await reserveSlice(
        ctx,
        tx,
        metered,
        slice,
        new Date(found.attempt.startedAt.getTime() + slice * SLICE_MS),
      );
    }
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "insufficient_credits") throw error;
    if (elapsed < wanted * SLICE_MS) return;
    await stopSession(ctx, tx, session.id, "credits_exhausted");
    await emit(ctx, tx, { type: "credits.exhausted", team_id: session.teamId as Id<"team"> });
  }
}
