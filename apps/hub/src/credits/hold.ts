import { DomainError, type Id } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { bookTogether } from "./book.ts";
import { insertHolds } from "./store.ts";

export interface Hold {
  teamId: string;
  /** microcredits; 0 makes a hold too, so that free work is accounted for like any other */
  amount: number;
  memo: string;
}

/**
 * Reserves credit before work is done. Settle or release it exactly once.
 * @throws DomainError `insufficient_credits`
 */
export async function holdCredits(ctx: Context, tx: Tx, hold: Hold): Promise<Id<"hold">> {
  const [ids] = await holdTogether(ctx, tx, [[hold]]);
  const [id] = ids ?? [];
  if (!id) throw insufficientCredits(hold.amount);
  return id;
}

/**
 * Reserves credit for several works, in the order given, each group as a whole or not at all.
 * @returns the ids of each group's holds; null where its team has too little credit
 */
export async function holdTogether(
  ctx: Context,
  tx: Tx,
  groups: readonly (readonly Hold[])[],
): Promise<(Id<"hold">[] | null)[]> {
  const named = groups.map((group) => group.map((hold) => ({ id: ctx.ids.next("hold"), ...hold })));
  const outcomes = await bookTogether(
    ctx,
    tx,
    named.map((group) =>
      group.map(({ id, teamId, amount, memo }) => ({
        kind: "hold",
        teamId,
        from: "available",
        to: "held",
        amount,
        memo,
        reference: `hold:${id}`,
      })),
    ),
  );
  const held = named.map((group, at) => (outcomes[at] === "booked" ? group : null));
  await insertHolds(
    tx,
    held.flatMap((group) => group ?? []),
    ctx.clock.now(),
  );
  return held.map((group) => group?.map(({ id }) => id) ?? null);
}

/** @param amount  microcredits that are needed */
export function insufficientCredits(amount: number): DomainError {
  return new DomainError(
    "insufficient_credits",
    `This needs ${amount === 1e6 ? "1 credit" : `${amount / 1e6} credits`} and your team has fewer. Ask an administrator of this hub for more.`,
    { required_microcredits: amount },
  );
}
