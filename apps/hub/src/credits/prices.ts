import { type Prices, pricesSchema } from "@podium/shared";
import { type Context, requireAdmin } from "../platform/context.ts";
import type { Db, Tx } from "../platform/database.ts";
import { inTransaction } from "../platform/transaction.ts";
import { insertPrices, latestPrices } from "./store.ts";

/** The price list in force. Work that has started keeps the one it started with. */
export async function currentPrices(db: Db | Tx): Promise<Prices> {
  return (await latestPrices(db)) ?? pricesSchema.parse({});
}

/** Puts a new price list in force. Administrators only. */
export async function setPrices(ctx: Context, prices: Prices): Promise<Prices> {
  requireAdmin(ctx);
  return inTransaction(ctx, async (tx) => {
    const setBy = ctx.actor.kind === "user" ? ctx.actor.userId : null;
    await insertPrices(tx, prices, setBy, ctx.clock.now());
    return prices;
  });
}
