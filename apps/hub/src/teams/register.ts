import { DomainError } from "@podium/shared";
import { type Auth, type SignedIn, signUp } from "../accounts/index.ts";
import type { Context } from "../platform/context.ts";
import { inTransaction } from "../platform/transaction.ts";
import { ensurePersonalTeam } from "./ensure-personal-team.ts";
import { findTeam } from "./store.ts";

/** Signs a user up together with their personal team. @throws DomainError `conflict` when address or name is taken */
export async function register(
  ctx: Context,
  auth: Auth,
  input: { email: string; password: string; name: string },
): Promise<SignedIn> {
  if (await findTeam(ctx.db, { slug: input.name })) {
    throw new DomainError("conflict", `The name "${input.name}" is taken. Choose another.`);
  }
  const signedIn = await signUp(ctx, auth, input);
  await inTransaction(ctx, (tx) => ensurePersonalTeam(ctx, tx, { id: signedIn.userId, name: input.name }));
  return signedIn;
}
