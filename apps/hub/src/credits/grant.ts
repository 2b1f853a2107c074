import { DomainError, type Id } from "@podium/shared";
import { type Context, requireAdmin } from "../platform/context.ts";
import { emit } from "../platform/outbox.ts";
import { inTransaction } from "../platform/transaction.ts";
import { findTeam } from "../teams/index.ts";
import { book } from "./book.ts";
import { balances } from "./store.ts";

/** Gives a team credit. Administrators only. @throws DomainError `not_found` for an unknown team */
export async function grantCredits(ctx: Context, input: { team: string; amount: number; memo: string }) {
  requireAdmin(ctx);
  return inTransaction(ctx, async (tx) => {
    const team = await findTeam(tx, { slug: input.team });
    if (!team) throw new DomainError("not_found", `There is no team called "${input.team}".`);
    const { amount, memo } = input;
    await book(ctx, tx, {
      kind: "grant",
      teamId: team.id,
      from: "grants",
      to: "available",
      amount,
      memo,
      reference: null,
    });
    await emit(ctx, tx, { type: "credits.granted", team_id: team.id as Id<"team"> });
    const [balance] = await balances(tx, [team.id]);
    if (!balance) throw new Error("The team has no balance after a grant.");
    const { id: _, ...answer } = balance;
    return answer;
  });
}
