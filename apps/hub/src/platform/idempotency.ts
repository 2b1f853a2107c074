import { DomainError } from "@podium/shared";
import type { Actor, Context } from "./context.ts";
import { isFileAddress } from "./http.ts";
import { sha256 } from "./secrets.ts";

/**
 * The Idempotency-Key of a write and a fingerprint of what it asks, or null. Files are not read for it: their
 * address names them. @throws DomainError `invalid_request`
 */
export async function idempotencyOf(request: Request, actor: Actor): Promise<Context["idempotency"] | null> {
  const key = request.headers.get("idempotency-key");
  const writes = request.method !== "GET" && request.method !== "HEAD";
  if (key === null || actor.kind !== "user" || !writes) return null;
  if (key.length < 1 || key.length > 200)
    throw new DomainError("invalid_request", "An Idempotency-Key has 1–200 characters.");
  const { pathname, search } = new URL(request.url);
  const body = isFileAddress(pathname) ? "" : await request.clone().text();
  return { actor: actor.userId, key, fingerprint: sha256(`${request.method} ${pathname}${search}\n${body}`) };
}
