import { DomainError } from "@podium/shared";
import { type Auth, type SignedIn, signUp } from "../accounts/index.ts";
import type { AttemptLimiter } from "../platform/attempt-limiter.ts";
import type { Context } from "../platform/context.ts";
import { inTransaction } from "../platform/transaction.ts";
import { ensurePersonalTeam } from "./ensure-personal-team.ts";
import { findTeam } from "./store.ts";

/** Accounts made from one address within the limiter's window. A classroom may share an address. */
const PER_ADDRESS = 300;

/**
 * Signs a user up together with their personal team.
 * @throws DomainError `conflict` when address or name is taken; `limit_reached`
 */
export async function register(
  ctx: Context,
  auth: Auth,
  attempts: AttemptLimiter,
  { address, ...input }: { email: string; password: string; name: string; address: string },
): Promise<SignedIn> {
  attempts.take(`sign-up:${address}`, PER_ADDRESS);
  if (await findTeam(ctx.db, { slug: input.name })) {
    throw new DomainError("conflict", `The name "${input.name}" is taken. Choose another.`);
  }
  const signedIn = await signUp(ctx, auth, input);
  await inTransaction(ctx, (tx) => ensurePersonalTeam(ctx, tx, { id: signedIn.userId, name: input.name }));
  return signedIn;
}
