import { DomainError, type Id } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Auth } from "./auth.ts";
import { translateAuthError } from "./errors.ts";
import { findUser } from "./store.ts";

export interface SignedIn {
  userId: Id<"user">;
  /** `set-cookie` of the browser session */
  headers: Headers;
}

/**
 * Makes an account and logs it in.
 * @throws DomainError `conflict` when the address or the name is taken
 */
export async function signUp(
  ctx: Context,
  auth: Auth,
  input: { email: string; password: string; name: string },
): Promise<SignedIn> {
  if (await findUser(ctx.db, { name: input.name })) {
    throw new DomainError("conflict", `The name "${input.name}" is taken. Choose another.`);
  }
  const { response, headers } = await auth.api
    .signUpEmail({ body: input, returnHeaders: true })
    .catch(translateAuthError);
  return { userId: response.user.id as Id<"user">, headers };
}
