import { DomainError } from "@podium/shared";
import type { Clock } from "../clock.ts";
import type { AddressBuckets } from "./address-buckets.ts";
import type { KeyLimits } from "./key-limits.ts";
import type { TokenBucket } from "./token-bucket.ts";

/** All limits that one caller meets at one endpoint. */
export interface CallLimits {
  key: KeyLimits | null;
  endpoint: TokenBucket | null;
  /** only where the caller has no key */
  addresses: AddressBuckets | null;
}

interface Door {
  readonly clock: Clock;
  /** where a request comes from, with the proxies that are trusted seen through */
  addressOf(request: Request): string;
}

/**
 * Takes one call from every limit, or from none. Throws `limit_reached`, with what `RateLimit-*` headers say.
 */
export function takeLimits(limits: CallLimits, door: Door, request: Request): void {
  const elapsed = door.clock.elapsedMs();
  if (limits.key?.hasQuota) refuseWithoutQuota(limits.key, door.clock.now().getTime());
  const own = ownBucket(limits, door, request);
  const wait = own ? own.take(elapsed) : 0;
  if (own && wait > 0) {
    throw tooFast(limits.key ? "This key makes" : "Your address makes", own, wait);
  }
  if (!limits.endpoint) return;
  const shared = limits.endpoint.take(elapsed);
  if (shared === 0) return;
  own?.giveBack();
  throw tooFast("This endpoint's callers together make", limits.endpoint, shared);
}

/** Throws `limit_reached` when the day's or the month's calls are used up. @param now milliseconds since the epoch */
export function refuseWithoutQuota({ day, month }: KeyLimits, now: number) {
  for (const [quota, period] of [
    [day, "day"],
    [month, "month"],
  ] as const) {
    const seconds = quota.secondsToWait(now);
    if (seconds === 0) continue;
    throw new DomainError(
      "limit_reached",
      `This key has used its ${quota.limit} calls of this ${period} (UTC). Ask the endpoint's team for more, or wait.`,
      { retry_after_seconds: seconds, rate_limit: { limit: quota.limit, remaining: 0, reset: seconds } },
    );
  }
}

/** `RateLimit-Limit`, `-Remaining` and `-Reset` of the tightest rate limit, as the IETF's draft names them. */
export function describeLimits(limits: CallLimits, door: Door, request: Request, headers: Headers) {
  const own = ownBucket(limits, door, request);
  const shared = limits.endpoint;
  const tightest = own && shared ? (own.remaining <= shared.remaining ? own : shared) : (own ?? shared);
  if (tightest) {
    setHeaders(headers, Math.floor(tightest.burst), tightest.remaining, tightest.resetSeconds);
    return;
  }
  const { key } = limits;
  if (key?.day.limit) headers.set("ratelimit-limit", String(key.day.limit));
  if (key?.day.limit) headers.set("ratelimit-remaining", String(key.day.remaining));
}

function ownBucket(limits: CallLimits, door: Door, request: Request): TokenBucket | null {
  if (limits.key) return limits.key.bucket;
  return limits.addresses ? limits.addresses.of(door.addressOf(request)) : null;
}

function setHeaders(headers: Headers, limit: number, remaining: number, reset: number) {
  headers.set("ratelimit-limit", String(limit));
  headers.set("ratelimit-remaining", String(Math.max(0, remaining)));
  headers.set("ratelimit-reset", String(reset));
}

function tooFast(who: string, bucket: TokenBucket, waitMs: number): DomainError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new DomainError(
    "limit_reached",
    `${who} more calls than are allowed. Try again in ${seconds} s, and more slowly.`,
    {
      retry_after_seconds: seconds,
      rate_limit: { limit: Math.floor(bucket.burst), remaining: 0, reset: bucket.resetSeconds },
    },
  );
}
