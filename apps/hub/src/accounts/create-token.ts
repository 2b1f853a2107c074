import { type Context, requireUser } from "../platform/context.ts";
import type { Auth } from "./auth.ts";
import { translateAuthError } from "./errors.ts";

/** Makes an API token for the signed-in user; its text is in the answer and nowhere else. */
export async function createToken(
  ctx: Context,
  auth: Auth,
  input: { name: string; expires_in_days?: number | undefined },
) {
  const { userId } = requireUser(ctx);
  const expiresIn = input.expires_in_days === undefined ? {} : { expiresIn: input.expires_in_days * 86_400 };
  const created = await auth.api
    .createApiKey({ body: { name: input.name, userId, ...expiresIn } })
    .catch(translateAuthError);
  return {
    id: created.id,
    name: created.name ?? input.name,
    start: created.start ?? "",
    created_at: created.createdAt.toISOString(),
    expires_at: created.expiresAt?.toISOString() ?? null,
    token: created.key,
  };
}
