import { DomainError, type KeyScope } from "@podium/shared";
import type { Clock } from "../clock.ts";
import { sha256 } from "../hash.ts";
import type { Credential, Endpoint } from "../routing/endpoint.ts";
import type { Pass } from "./pass.ts";

/** Valid credentials remembered for one endpoint and table: as many spellings of a header as anybody needs. */
const MAX_SEEN = 1_000;

/**
 * The pass of a caller with a valid key in `Authorization: Bearer` or `X-Api-Key`, or of everybody at a public
 * endpoint. A key is compared by its hash, so the time this takes tells nothing about it. Throws `unauthenticated`,
 * `forbidden`.
 */
export function checkKey(endpoint: Endpoint, headers: Headers, clock: Clock, scope: KeyScope): Pass {
  const authorization = headers.get("authorization");
  const seen = authorization === null ? undefined : endpoint.seenCredentials.get(authorization);
  const known = seen ?? findKey(endpoint, authorization, headers);
  if (!known || isOver(known, clock)) {
    if (endpoint.isPublic) return endpoint.everybody;
    if (known) throw expired();
    throw refusal(authorization !== null || headers.has("x-api-key"));
  }
  known.pass.require(scope);
  return known.pass;
}

/** The id of a caller's key, whether or not it is of use to it; null when it has none that this endpoint knows. */
export function keyIdOf(endpoint: Endpoint, headers: Headers): string | null {
  return findKey(endpoint, headers.get("authorization"), headers)?.pass.keyId ?? null;
}

function isOver({ expiresAtMs }: Credential, clock: Clock): boolean {
  return expiresAtMs !== Number.POSITIVE_INFINITY && expiresAtMs <= clock.now().getTime();
}

function findKey(endpoint: Endpoint, authorization: string | null, headers: Headers): Credential | undefined {
  if (endpoint.keys.size === 0) return undefined;
  const bearer = authorization === null ? undefined : /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  const token = bearer ?? headers.get("x-api-key");
  if (!token) return undefined;
  const known = endpoint.keys.get(sha256(token));
  if (known && bearer && authorization !== null) {
    if (endpoint.seenCredentials.size >= MAX_SEEN) endpoint.seenCredentials.clear();
    endpoint.seenCredentials.set(authorization, known);
  }
  return known;
}

const expired = () =>
  new DomainError("unauthenticated", "This key has expired. Ask the endpoint's team for a new one.");

function refusal(given: boolean): DomainError {
  const message = given
    ? "This key is not valid for this endpoint. Check that it belongs to it and has not been revoked."
    : "This endpoint needs a key: send Authorization: Bearer pdk_… or X-Api-Key.";
  return new DomainError("unauthenticated", message);
}
