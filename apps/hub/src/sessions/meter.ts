import { DomainError, type Id } from "@podium/shared";
import { type Metered, reserveSlice, SLICE_MS, settleSlices, shiftFirstSlice } from "../credits/index.ts";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { oneByOne } from "../platform/one-by-one.ts";
import { emit } from "../platform/outbox.ts";
import { interruptSession } from "./interrupt.ts";
import { meteredOf } from "./metered.ts";
import { payTogether } from "./metering/pay-together.ts";
import { stopSession } from "./stop.ts";
import { attemptsToPay, lastSlice, lockLiveAttempt, lockSessionOfAttempt } from "./store.ts";

/** `stop_reason` of a session whose team could not pay. */
export const CREDITS_EXHAUSTED = "credits_exhausted";
/** The next slice is reserved this long before the one before it is used up. */
const AHEAD_MS = 10_000;
/** So many share a transaction. */
const TOGETHER = 50;

/** Time is paid for from the first line of the user's code, not from placement. */
export async function startMetering(tx: Tx, attemptId: string, startedAt: Date): Promise<void> {
  await shiftFirstSlice(tx, attemptId, startedAt);
}

/**
 * Reserves what running sessions will use next and settles what they have used; one whose team can't pay gets
 * its stop signal (checkpoint call, grace period) when its last paid slice ends: training is paused by it, until it
 * is resumed. Idempotent: slices are unique.
 */
export async function meterSessions(ctx: Context): Promise<void> {
  const until = new Date(ctx.clock.now().getTime() + AHEAD_MS);
  const due = (await attemptsToPay(ctx.db, until)).map(({ id }) => id);
  for (let at = 0; at < due.length; at += TOGETHER) {
    const left = await meterTogether(ctx, due.slice(at, at + TOGETHER), until);
    await oneByOne(ctx, left, "metering", (id) => ctx.db.transaction((tx) => meterOne(ctx, tx, id)));
  }
}

/** @returns those that have to be metered by themselves: all of them when one spoils the transaction that they share */
async function meterTogether(
  ctx: Context,
  attemptIds: readonly string[],
  until: Date,
): Promise<readonly string[]> {
  try {
    return await ctx.db.transaction((tx) => payTogether(ctx, tx, attemptIds, until));
  } catch (error) {
    ctx.log.warn({ err: error, count: attemptIds.length }, "paying together failed; each is tried alone");
    return attemptIds;
  }
}

async function meterOne(ctx: Context, tx: Tx, attemptId: string): Promise<void> {
  const session = await lockSessionOfAttempt(tx, attemptId);
  const attempt = await lockLiveAttempt(tx, attemptId);
  if (!session || !attempt?.startedAt || attempt.endedAt || session.state === "stopping") return;
  const now = ctx.clock.now();
  const metered = await meteredOf(tx, attempt, session);
  const unpaidFrom = await reserveUntil(ctx, tx, metered, new Date(now.getTime() + AHEAD_MS));
  await settleSlices(ctx, tx, metered, now, false);
  if (!unpaidFrom || now < unpaidFrom) return;
  const [sessionId, reason] = [session.id, CREDITS_EXHAUSTED];
  if (session.kind === "train") await interruptSession(ctx, tx, { sessionId, next: "paused", reason });
  else await stopSession(ctx, tx, sessionId, reason);
  await emit(ctx, tx, { type: "credits.exhausted", team_id: session.teamId as Id<"team"> });
}

/**
 * Reserves the slices of an attempt's time that begin before `until`.
 * @returns when the first one begins that the team can't pay; null when all are paid
 */
export async function reserveUntil(
  ctx: Context,
  tx: Tx,
  metered: Metered,
  until: Date,
): Promise<Date | null> {
  const last = await lastSlice(tx, metered.attemptId);
  if (!last) return null;
  let startsAt = last.endsAt;
  try {
    for (let slice = last.slice + 1; startsAt < until; slice++) {
      await reserveSlice(ctx, tx, metered, slice, startsAt);
      startsAt = new Date(startsAt.getTime() + SLICE_MS);
    }
    return null;
  } catch (error) {
    if (error instanceof DomainError && error.code === "insufficient_credits") return startsAt;
    throw error;
  }
}
