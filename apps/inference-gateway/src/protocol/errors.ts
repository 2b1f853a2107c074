import { DomainError, problemOf } from "@podium/shared";
import type { Log } from "../log.ts";

/** How a protocol writes an error into its body. @param requestId for those who ask for help */
export type WriteError = (error: DomainError, requestId?: string) => { body: unknown; contentType: string };

/** RFC 9457 problem document: everywhere but on the paths of a foreign protocol. */
export const asProblem: WriteError = (error, requestId) => ({
  body: problemOf(error, requestId),
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

/**
 * The answer to anything thrown on the way; what is not a `DomainError` is a bug: logged, and answered opaquely.
 * @param visit learns how long the body is
 */
export function errorResponse(
  thrown: unknown,
  write: WriteError,
  log: Log,
  visit: { readonly id: string; bytesOut: number } | null = null,
): Response {
  const error = thrown instanceof DomainError ? thrown : unexpected(thrown, log, visit?.id);
  const { body, contentType } = write(error, visit?.id);
  const text = JSON.stringify(body);
  const headers: Record<string, string> = { "content-type": contentType };
  if (visit) {
    headers["x-request-id"] = visit.id;
    visit.bytesOut = Buffer.byteLength(text);
  }
  const retryAfter = error.details["retry_after_seconds"];
  if (typeof retryAfter === "number") headers["retry-after"] = String(retryAfter);
  const limit = error.details["rate_limit"] as RateLimitDetails | undefined;
  if (limit) {
    headers["ratelimit-limit"] = String(limit.limit);
    headers["ratelimit-remaining"] = String(limit.remaining);
    headers["ratelimit-reset"] = String(limit.reset);
  }
  if (error.status === 401) headers["www-authenticate"] = "Bearer";
  return new Response(text, { status: error.status, headers });
}

function unexpected(thrown: unknown, log: Log, requestId?: string): DomainError {
  log.error({ err: thrown, request_id: requestId }, "unexpected error");
  return new DomainError(
    "internal",
    "Something went wrong in the gateway, not with your request. Its log has the cause.",
  );
}
