import type { Prices, Resources } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { holdCredits } from "./hold.ts";
import { priceOf } from "./pricing.ts";
import { refundTo } from "./refund.ts";
import { settleHold } from "./settle.ts";
import { hasSlice, insertSlice, moveFirstSlice, openSlicesOf, slicesSettledBeyond } from "./store.ts";

/** A session pays in advance for slices of this length. */
export const SLICE_MS = 60_000;

export interface Metered {
  attemptId: string;
  sessionId: string;
  teamId: string;
  name: string;
  prices: Prices;
  resources: Resources;
  /** models of the devices it holds */
  models: readonly string[];
}

/**
 * Reserves slice `slice` (0, 1, 2 …) of an attempt's time; nothing happens when it is reserved already.
 * @throws DomainError `insufficient_credits`
 */
export async function reserveSlice(
  ctx: Context,
  tx: Tx,
  metered: Metered,
  slice: number,
  startsAt: Date,
): Promise<void> {
  if (await hasSlice(tx, metered.attemptId, slice)) return;
  const amount = priceOf(metered.prices, metered.resources, metered.models, SLICE_MS);
  const holdId = await holdCredits(ctx, tx, { teamId: metered.teamId, amount, memo: metered.name });
  const { attemptId, sessionId } = metered;
  const endsAt = new Date(startsAt.getTime() + SLICE_MS);
  const isNew = await insertSlice(tx, { attemptId, sessionId, slice, holdId, startsAt, endsAt });
  // Somebody else has reserved it meanwhile: theirs counts.
  if (!isNew) await settleHold(ctx, tx, holdId, 0);
}

/**
 * Settles what the attempt has used up to `until`: whole slices in full, the last one by the time that passed.
 * With `final`, slices that were reserved but not begun are released, and what was settled beyond `until` while nobody
 * knew of the end is given back.
 */
export async function settleSlices(
  ctx: Context,
  tx: Tx,
  metered: Metered,
  until: Date,
  final: boolean,
): Promise<void> {
  const { attemptId, name, prices, resources, models } = metered;
  const priceUntil = (slice: { startsAt: Date; endsAt: Date }) => {
    const ms = Math.min(slice.endsAt.getTime(), until.getTime()) - slice.startsAt.getTime();
    return priceOf(prices, resources, models, ms);
  };
  if (final) {
    for (const slice of await slicesSettledBeyond(tx, attemptId, until))
      await refundTo(ctx, tx, slice.holdId, priceUntil(slice), `${name}: it had ended before`);
  }
  for (const slice of await openSlicesOf(tx, attemptId)) {
    if (final || slice.endsAt <= until) await settleHold(ctx, tx, slice.holdId, priceUntil(slice));
  }
}

/** The first slice is reserved at placement, when nobody knows yet when the user's code will begin. */
export async function shiftFirstSlice(tx: Tx, attemptId: string, startsAt: Date): Promise<void> {
  await moveFirstSlice(tx, attemptId, startsAt, new Date(startsAt.getTime() + SLICE_MS));
}
