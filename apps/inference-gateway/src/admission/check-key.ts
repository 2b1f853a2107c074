import { DomainError } from "@podium/shared";
import type { Clock } from "../clock.ts";
import { sha256 } from "../hash.ts";
import type { Endpoint, KnownKey } from "../routing/endpoint.ts";

/** Valid credentials remembered for one endpoint and table: as many spellings of a header as anybody needs. */
const MAX_SEEN = 1_000;

/**
 * Lets a caller of a public endpoint pass, and one with a valid key in `Authorization: Bearer` or `X-Api-Key`.
 * A key is compared by its hash, so the time this takes tells nothing about it. Throws `unauthenticated`.
 */
export function checkKey(endpoint: Endpoint, headers: Headers, clock: Clock) {
  if (endpoint.isPublic) return;
  const authorization = headers.get("authorization");
  const key = findKey(endpoint, authorization, headers.get("x-api-key"));
  if (!key) throw refusal(authorization !== null || headers.has("x-api-key"));
  if (key.expiresAtMs !== Infinity && key.expiresAtMs <= clock.now().getTime()) {
    throw new DomainError("unauthenticated", "This key has expired. Ask the endpoint's team for a new one.");
  }
}

/** The key of these credentials, valid or expired. */
export function findKey(
  endpoint: Endpoint,
  authorization: string | null,
  apiKey: string | null,
): KnownKey | undefined {
  const seen = authorization === null ? undefined : endpoint.seenCredentials.get(authorization);
  if (seen) return seen;
  const bearer = authorization === null ? undefined : /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  const token = bearer ?? apiKey;
  if (!token) return undefined;
  const key = endpoint.keys.get(sha256(token));
  if (key && bearer && authorization !== null) {
    if (endpoint.seenCredentials.size >= MAX_SEEN) endpoint.seenCredentials.clear();
    endpoint.seenCredentials.set(authorization, key);
  }
  return key;
}

function refusal(given: boolean): DomainError {
  const message = given
    ? "This key is not valid for this endpoint. Check that it belongs to it and has not been revoked."
    : "This endpoint needs a key: send Authorization: Bearer pdk_… or X-Api-Key.";
  return new DomainError("unauthenticated", message);
}
