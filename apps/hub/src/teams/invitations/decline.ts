import { DomainError } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { addressedInvitation } from "./addressed.ts";
import { settleInvitation } from "./store.ts";

/** Says no to an invitation; that takes no token. @throws DomainError as `addressedInvitation` */
export async function declineInvitation(ctx: Context, tx: Tx, input: { id: string }): Promise<void> {
  const { invitation } = await addressedInvitation(ctx, tx, input, false);
  if (!(await settleInvitation(tx, invitation.id, "declined")))
    throw new DomainError("conflict", "This invitation has been answered already.");
}
