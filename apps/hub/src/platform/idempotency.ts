import { DomainError } from "@podium/shared";
import type { Actor, Context } from "./context.ts";
import { sha256 } from "./secrets.ts";

/** Bodies up to this size are part of the fingerprint; larger ones (files) are named by their address anyway. */
const MAX_FINGERPRINTED = 4 * 1024 ** 2;

/** The Idempotency-Key of a write and a fingerprint of what it asks, or null. @throws DomainError `invalid_request` */
export async function idempotencyOf(request: Request, actor: Actor): Promise<Context["idempotency"] | null> {
  const key = request.headers.get("idempotency-key");
  if (key === null || actor.kind !== "user" || request.method === "GET") return null;
  if (key.length < 1 || key.length > 200)
    throw new DomainError("invalid_request", "An Idempotency-Key has 1–200 characters.");
  const large = Number(request.headers.get("content-length") ?? 0) > MAX_FINGERPRINTED;
  const body = large ? "" : await request.clone().text();
  const { pathname, search } = new URL(request.url);
  return { actor: actor.userId, key, fingerprint: sha256(`${request.method} ${pathname}${search}\n${body}`) };
}
