import { DomainError, type Id } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { book } from "./book.ts";
import { insertHold } from "./store.ts";

/**
 * Reserves credit before work is done. Settle or release it exactly once.
 * @param amount  microcredits; 0 makes a hold too, so that free work is accounted for like any other
 * @throws DomainError `insufficient_credits`
 */
export async function holdCredits(
  ctx: Context,
  tx: Tx,
  input: { teamId: string; amount: number; memo: string },
): Promise<Id<"hold">> {
  const id = ctx.ids.next("hold");
  const { teamId, amount, memo } = input;
  const outcome = await book(ctx, tx, {
    kind: "hold",
    teamId,
    from: "available",
    to: "held",
    amount,
    memo,
    reference: `hold:${id}`,
  });
  if (outcome === "insufficient") {
    throw new DomainError(
      "insufficient_credits",
      `This needs ${amount === 1e6 ? "1 credit" : `${amount / 1e6} credits`} and your team has fewer. Ask an administrator of this hub for more.`,
      { required_microcredits: amount },
    );
  }
  await insertHold(tx, { id, teamId, amount, memo, now: ctx.clock.now() });
  return id;
}
