import type { Id } from "@podium/shared";
import type { KeyRow } from "./store.ts";

/** A key as gateways know it: once, or with both of its secrets while a rotation's overlap lasts. */
export function keyForGateways(key: KeyRow, now: Date) {
  const shown = {
    id: key.id as Id<"endpointKey">,
    sha256: key.sha256,
    expires_at: key.expiresAt?.toISOString() ?? null,
    ...(key.scopes ? { scopes: key.scopes } : {}),
    ...(key.versions ? { versions: key.versions } : {}),
    ...(key.rate ? { rate: key.rate } : {}),
    ...(key.callsPerDay === null ? {} : { calls_per_day: key.callsPerDay }),
    ...(key.callsPerMonth === null ? {} : { calls_per_month: key.callsPerMonth }),
  };
  const { oldSha256, oldUntil, expiresAt } = key;
  if (!oldSha256 || !oldUntil || oldUntil <= now) return [shown];
  const until = expiresAt && expiresAt < oldUntil ? expiresAt : oldUntil;
  return [shown, { ...shown, sha256: oldSha256, expires_at: until.toISOString() }];
}
