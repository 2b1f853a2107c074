import { balances } from "../../credits/index.ts";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { type BindingRow, updateBinding } from "../store.ts";
import { bindingState } from "./binding-state.ts";
import { MAX_LOSSES, type Replacement, replacementOf } from "./replacement.ts";
import { lossesOf, openReplicas, type ScalingRow } from "./store.ts";

/** More losses than are waited for tell nothing new; some may be unpaid, which are not counted. */
const LOSSES_READ = 4 * MAX_LOSSES;

/** Whether lost replicas of a binding are replaced now. */
export async function replacementFor(
  ctx: Context,
  tx: Tx,
  binding: BindingRow,
  scaling: ScalingRow,
  teamId: string,
): Promise<Replacement> {
  const losses = await lossesOf(tx, binding.id, scaling.forgivenAt, LOSSES_READ);
  const canPay = losses[0]?.unpaid ? ((await balances(tx, [teamId]))[0]?.available ?? 0) > 0 : true;
  return replacementOf(losses, { hasLoaded: binding.signature !== null, canPay, now: ctx.clock.now() });
}

/**
 * Writes down what a locked binding's replicas, as they are now, make of it.
 * @returns whether that is something else than before
 */
export async function settleBinding(
  tx: Tx,
  binding: BindingRow,
  wanted: number,
  replacement: Replacement,
): Promise<boolean> {
  const open = await openReplicas(tx, [binding.id]);
  const next = bindingState(
    open.map(({ replica }) => replica),
    wanted,
    replacement,
  );
  if (next.state === binding.state && next.failure === binding.failure) return false;
  await updateBinding(tx, binding.id, next);
  return next.state !== binding.state;
}
