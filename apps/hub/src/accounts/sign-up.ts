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
  await requireFreeName(ctx, input.name);
  const { response, headers } = await auth.api
    .signUpEmail({ body: input, returnHeaders: true })
    .catch(async (error: unknown) => {
      // Of two who ask for a name at once, the index lets one through, and the other's error doesn't say why.
      await requireFreeName(ctx, input.name);
      return translateAuthError(error);
    });
  return { userId: response.user.id as Id<"user">, headers };
}

async function requireFreeName(ctx: Context, name: string): Promise<void> {
  if (await findUser(ctx.db, { name })) {
    throw new DomainError("conflict", `The name "${name}" is taken. Choose another.`);
  }
}
