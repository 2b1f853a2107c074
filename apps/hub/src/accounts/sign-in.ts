import type { Id } from "@podium/shared";
import type { AttemptLimiter } from "../platform/attempt-limiter.ts";
import type { Auth } from "./auth.ts";
import { translateAuthError } from "./errors.ts";
import type { SignedIn } from "./sign-up.ts";

/** Attempts within the limiter's window: for one account from one address, and in all. A classroom may share an address. */
const LIMITS = { pair: 10, account: 100, address: 300 };

/**
 * Logs in by password.
 * @throws DomainError `unauthenticated`, the same for an unknown address and a wrong password; `limit_reached`
 */
export async function signIn(
  auth: Auth,
  attempts: AttemptLimiter,
  input: { email: string; password: string; address: string },
): Promise<SignedIn> {
  const { email, password, address } = input;
  const account = email.toLowerCase();
  const pair = `sign-in:${account}:${address}`;
  attempts.take(`sign-in:${address}`, LIMITS.address);
  attempts.take(pair, LIMITS.pair);
  attempts.take(`sign-in:${account}`, LIMITS.account);

  const { response, headers } = await auth.api
    .signInEmail({ body: { email, password }, returnHeaders: true })
    .catch(translateAuthError);
  attempts.forgive(pair);
  return { userId: response.user.id as Id<"user">, headers };
}
