import type { DomainError, Prices, Resources } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { holdCredits, holdTogether, insufficientCredits } from "./hold.ts";
import { priceOf } from "./pricing.ts";
import { refundTo } from "./refund.ts";
import { settleHold, settleTogether } from "./settle.ts";
import {
  hasSlice,
  insertSlice,
  insertSlices,
  moveFirstSlice,
  openSlicesOf,
  slicesSettledBeyond,
} from "./store.ts";

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
  const holdId = await holdCredits(ctx, tx, sliceHold(metered));
  const { attemptId, sessionId } = metered;
  const endsAt = new Date(startsAt.getTime() + SLICE_MS);
  const isNew = await insertSlice(tx, { attemptId, sessionId, slice, holdId, startsAt, endsAt });
  // Somebody else has reserved it meanwhile: theirs counts.
  if (!isNew) await settleHold(ctx, tx, holdId, 0);
}

function sliceHold({ teamId, name, prices, resources, models }: Metered) {
  return { teamId, memo: name, amount: priceOf(prices, resources, models, SLICE_MS) };
}

export interface NewSlice {
  metered: Metered;
  slice: number;
  startsAt: Date;
}

/**
 * Reserves slices that nobody else can be reserving, in the order given; those of one work (the members of a gang) all or
 * none.
 * @returns of each work: null, or why its team can't pay for it
 */
export async function reserveSlices(
  ctx: Context,
  tx: Tx,
  works: readonly (readonly NewSlice[])[],
): Promise<(DomainError | null)[]> {
  const wanted = works.map((members) => members.map(({ metered }) => sliceHold(metered)));
  const holds = await holdTogether(ctx, tx, wanted);
  const slices = works.flatMap((members, at) =>
    members.flatMap(({ metered: { attemptId, sessionId }, slice, startsAt }, member) => {
      const holdId = holds[at]?.[member];
      const endsAt = new Date(startsAt.getTime() + SLICE_MS);
      return holdId ? [{ attemptId, sessionId, slice, holdId, startsAt, endsAt }] : [];
    }),
  );
  await insertSlices(tx, slices);
  return holds.map((held, at) => {
    const amount = (wanted[at] ?? []).reduce((sum, hold) => sum + hold.amount, 0);
    return held ? null : insufficientCredits(amount);
  });
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
  const { attemptId, name } = metered;
  if (final) {
    for (const slice of await slicesSettledBeyond(tx, attemptId, until))
      await refundTo(
        ctx,
        tx,
        slice.holdId,
        priceUntil(metered, slice, until),
        `${name}: it had ended before`,
      );
  }
  for (const slice of await openSlicesOf(tx, [attemptId])) {
    if (final || slice.endsAt <= until)
      await settleHold(ctx, tx, slice.holdId, priceUntil(metered, slice, until));
  }
}

/** Settles, of several attempts that go on, the slices that have been used up by `until`. */
export async function settleUsedSlices(
  ctx: Context,
  tx: Tx,
  works: readonly Metered[],
  until: Date,
): Promise<void> {
  const byAttempt = new Map(works.map((metered) => [metered.attemptId, metered]));
  const open = await openSlicesOf(tx, [...byAttempt.keys()]);
  const uses = open.flatMap((slice) => {
    const metered = byAttempt.get(slice.attemptId);
    if (!metered || slice.endsAt > until) return [];
    return [{ holdId: slice.holdId, used: priceUntil(metered, slice, until) }];
  });
  await settleTogether(ctx, tx, uses);
}

function priceUntil(
  { prices, resources, models }: Metered,
  slice: { startsAt: Date; endsAt: Date },
  until: Date,
): number {
  const ms = Math.min(slice.endsAt.getTime(), until.getTime()) - slice.startsAt.getTime();
  return priceOf(prices, resources, models, ms);
}

/** The first slice is reserved at placement, when nobody knows yet when the user's code will begin. */
export async function shiftFirstSlice(tx: Tx, attemptId: string, startsAt: Date): Promise<void> {
  await moveFirstSlice(tx, attemptId, startsAt, new Date(startsAt.getTime() + SLICE_MS));
}
