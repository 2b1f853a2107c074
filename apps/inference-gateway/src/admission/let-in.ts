import { DomainError } from "@podium/shared";
import type { Clock } from "../clock.ts";
import { JobRequest } from "../jobs/job-request.ts";
import { takeLimits } from "../limits/call-limits.ts";
import type { Endpoint } from "../routing/endpoint.ts";
import { checkKey } from "./check-key.ts";
import type { Pass } from "./pass.ts";

interface Door {
  readonly clock: Clock;
  /** where a request comes from, with the proxies that are trusted seen through */
  addressOf(request: Request): string;
}

/**
 * Lets a caller in: a valid key that opens this version, a team that can pay, a rate and a quota that are not used up.
 * Nothing of the body has been read. Throws a `DomainError` that says what is missing.
 * @param version the model version that the caller insists on
 */
export function letIn(door: Door, endpoint: Endpoint, request: Request, version?: string): Pass {
  if (request instanceof JobRequest) return request.pass;
  const pass = checkKey(endpoint, request.headers, door.clock, "infer");
  pass.requireVersion(version);
  if (endpoint.isOutOfCredit) throw outOfCredit();
  if (pass.limits) takeLimits(pass.limits, door, request);
  return pass;
}

const outOfCredit = () =>
  new DomainError(
    "insufficient_credits",
    "The team of this endpoint has no credit left, so it takes no calls. Its members ask an administrator for more.",
  );
