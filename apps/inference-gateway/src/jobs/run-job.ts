import { DomainError } from "@podium/shared";
import type { Clock } from "../clock.ts";
import { refuseWithoutQuota } from "../limits/call-limits.ts";
import type { Log } from "../log.ts";
import { asProblem, errorResponse } from "../protocol/errors.ts";
import type { Routes } from "../routing/routes.ts";
import type { Job } from "./job.ts";
import { JobPass } from "./job-pass.ts";
import { JobRequest } from "./job-request.ts";

interface Runner {
  routes: Routes;
  clock: Clock;
  log: Log;
  /** answers a request as if it had come by the network */
  serve(request: Request): Response | Promise<Response>;
  /** writes down that the job's answer is on the bill */
  markBilled(job: Job): void;
}

/** Runs a job's call by the key that made it; never rejects. What stands in its way is the answer. */
export async function runJob(
  runner: Runner,
  job: Job,
  body: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
): Promise<Response> {
  const { path, headers } = job.submission;
  try {
    const pass = new JobPass(passOf(runner, job), job, () => runner.markBilled(job));
    const request = new JobRequest(`http://gateway${path}`, { method: "POST", headers, body, signal }, pass);
    return await runner.serve(request);
  } catch (error) {
    return errorResponse(error, asProblem, runner.log);
  }
}

/** Throws when the endpoint, the key or what they may use is gone meanwhile. */
function passOf({ routes, clock }: Runner, { submission, counted }: Job) {
  const { endpoint_id, key_id } = submission;
  const now = clock.now().getTime();
  const endpoint = routes.endpointOf(endpoint_id);
  if (!endpoint) throw new DomainError("not_found", "The endpoint was removed before this job was run.");
  const pass = endpoint.passOf(key_id, now);
  if (!pass)
    throw new DomainError("unauthenticated", "The key that submitted this job was revoked or has expired.");
  if (endpoint.isOutOfCredit)
    throw new DomainError("insufficient_credits", "The endpoint's team had no credit left to run this job.");
  if (pass.limits?.key && !counted) refuseWithoutQuota(pass.limits.key, now);
  return pass;
}
