import { DomainError, problemOf } from "@podium/shared";
import type { Log } from "../log.ts";

/** How a protocol writes an error into its body. */
export type WriteError = (error: DomainError) => { body: unknown; contentType: string };

/** RFC 9457 problem document: everywhere but on the paths of a foreign protocol. */
export const asProblem: WriteError = (error) => ({
  body: problemOf(error),
  contentType: "application/problem+json",
});

/** `{"error": message}`: the Open Inference Protocol and KServe V1. */
export const asErrorBody: WriteError = (error) => ({
  body: { error: error.message },
  contentType: "application/json",
});

/** Details of a `limit_reached`, in calls and seconds: the IETF's draft has a header for each. */
interface RateLimitDetails {
  limit: number;
  remaining: number;
  reset: number;
}

/** The answer to anything thrown on the way; what is not a `DomainError` is a bug: logged, and answered opaquely. */
export function errorResponse(thrown: unknown, write: WriteError, log: Log): Response {
  const error = thrown instanceof DomainError ? thrown : unexpected(thrown, log);
  const { body, contentType } = write(error);
  const headers: Record<string, string> = { "content-type": contentType };
  const retryAfter = error.details["retry_after_seconds"];
  if (typeof retryAfter === "number") headers["retry-after"] = String(retryAfter);
  const limit = error.details["rate_limit"] as RateLimitDetails | undefined;
  if (limit) {
    headers["ratelimit-limit"] = String(limit.limit);
    headers["ratelimit-remaining"] = String(limit.remaining);
    headers["ratelimit-reset"] = String(limit.reset);
  }
  if (error.status === 401) headers["www-authenticate"] = "Bearer";
  return new Response(JSON.stringify(body), { status: error.status, headers });
}

function unexpected(thrown: unknown, log: Log): DomainError {
  log.error({ err: thrown }, "unexpected error");
  return new DomainError(
    "internal",
    "Something went wrong in the gateway, not with your request. Its log has the cause.",
  );
}
