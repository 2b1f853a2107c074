import type { Id } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Auth } from "./auth.ts";
import { translateAuthError } from "./errors.ts";
import type { SignedIn } from "./sign-up.ts";

/** Logs in by password. @throws DomainError `unauthenticated`, the same for an unknown address and a wrong password */
export async function signIn(
  _ctx: Context,
  auth: Auth,
  input: { email: string; password: string },
): Promise<SignedIn> {
  const { response, headers } = await auth.api
    .signInEmail({ body: input, returnHeaders: true })
    .catch(translateAuthError);
  return { userId: response.user.id as Id<"user">, headers };
}
