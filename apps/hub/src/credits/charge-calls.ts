import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { book } from "./book.ts";
import { currentPrices } from "./prices.ts";
import { priceOfCalls } from "./pricing.ts";
import { balances } from "./store.ts";

/**
 * Charges a team for inference calls that were made. They have been answered, so a team that can't pay in full
 * pays what it has; the caller learns of it and closes the endpoint.
 * @param before  calls charged so far; `after` the new total
 * @returns false when the team's credit is used up
 */
export async function chargeCalls(
  ctx: Context,
  tx: Tx,
  input: { teamId: string; before: number; after: number; memo: string; reference: string },
): Promise<boolean> {
  const { teamId, memo, reference } = input;
  const amount = priceOfCalls(await currentPrices(tx), input.before, input.after);
  if (amount === 0) return true;
  const booking = { kind: "usage", teamId, from: "available", to: "revenue", memo, reference } as const;
  if ((await book(ctx, tx, { ...booking, amount })) !== "insufficient") return true;
  const [balance] = await balances(tx, [teamId]);
  if (balance && balance.available > 0) await book(ctx, tx, { ...booking, amount: balance.available });
  return false;
}
