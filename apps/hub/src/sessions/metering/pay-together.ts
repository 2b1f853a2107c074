import { type Metered, reserveSlices, SLICE_MS, settleUsedSlices } from "../../credits/index.ts";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { devicesOf } from "../store.ts";
import { lastSlices, lockPaying } from "./store.ts";

/**
 * Reserves the next slice of attempts whose paid time ends before `until` and settles what they have used, with the
 * statements of one: what nearly all need nearly always.
 * @returns those that need more than that: their team can't pay, several slices are due, or their session is stopping, is
 * being changed or has ended
 */
export async function payTogether(
  ctx: Context,
  tx: Tx,
  attemptIds: readonly string[],
  until: Date,
): Promise<string[]> {
  const paying = await lockPaying(tx, attemptIds);
  const ids = paying.map(({ attemptId }) => attemptId);
  if (ids.length === 0) return [...attemptIds];
  const [last, devices] = [await lastSlices(tx, ids), await devicesOf(tx, ids)];
  const due = paying.flatMap(({ attemptId, session }) => {
    const { slice = -1, endsAt = null } = last.get(attemptId) ?? {};
    if (!endsAt || endsAt >= until || endsAt.getTime() + SLICE_MS < until.getTime()) return [];
    const { id: sessionId, teamId, name, prices, resources } = session;
    const models = (devices.get(attemptId) ?? []).map(({ model }) => model);
    const metered: Metered = { attemptId, sessionId, teamId, name, prices, resources, models };
    return [{ metered, slice: slice + 1, startsAt: endsAt }];
  });
  const refusals = await reserveSlices(
    ctx,
    tx,
    due.map((slice) => [slice]),
  );
  const paid = due.flatMap(({ metered }, at) => (refusals[at] ? [] : [metered]));
  await settleUsedSlices(ctx, tx, paid, ctx.clock.now());
  const done = new Set(paid.map(({ attemptId }) => attemptId));
  return attemptIds.filter((id) => !done.has(id));
}
