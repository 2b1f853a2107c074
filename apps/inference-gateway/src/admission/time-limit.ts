import { DomainError } from "@podium/shared";

/** How long the caller waits for its answer, in milliseconds. */
const TIME_LIMIT_HEADER = "x-request-timeout-ms";

/**
 * Milliseconds that a call may take: what the header or the request's own body allows, never more than its endpoint.
 * @param asked of the body, milliseconds
 * Throws `invalid_request` when the header is no positive number.
 */
export function timeLimit(endpointMs: number, headers: Headers, asked = Infinity): number {
  const header = headers.get(TIME_LIMIT_HEADER);
  if (header === null) return Math.min(endpointMs, asked);
  const ms = Number(header);
  if (!(ms > 0 && ms < Infinity) || header.trim() === "") {
    throw new DomainError(
      "invalid_request",
      `${TIME_LIMIT_HEADER} must be a positive number of milliseconds, such as ${TIME_LIMIT_HEADER}: 500.`,
    );
  }
  return Math.min(endpointMs, asked, ms);
}
