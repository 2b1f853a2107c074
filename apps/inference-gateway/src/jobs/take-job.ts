import { letIn } from "../admission/let-in.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import { errorResponse, type WriteError } from "../protocol/errors.ts";
import type { Endpoint } from "../routing/endpoint.ts";
import type { Job } from "./job.ts";
import type { JobDesk } from "./job-desk.ts";
import { showJob } from "./show-job.ts";
import { jobSecret } from "./tell-webhook.ts";

interface Door {
  readonly clock: Clock;
  readonly log: Log;
  readonly jobs: JobDesk;
  addressOf(request: Request): string;
}

/**
 * Takes a call as a job: 202 and where to ask for it, once it is on the disk; never rejects.
 * The caller was let in as for a call that is answered at once, and its key must be for jobs, too.
 */
export async function takeJob(
  door: Door,
  endpoint: Endpoint,
  request: Request,
  writeError: WriteError,
  version: string | undefined,
): Promise<Response> {
  const startedAt = door.clock.elapsedMs();
  let response: Response;
  try {
    const pass = letIn(door, endpoint, request, version);
    pass.require("jobs");
    response = accepted(door.jobs, await door.jobs.submit(pass, request));
  } catch (error) {
    response = errorResponse(error, writeError, door.log);
  }
  endpoint.observe(response.status, (door.clock.elapsedMs() - startedAt) / 1000);
  return response;
}

/** The answer that says where a job is found. The webhook's secret is the same for all jobs of a key. */
export function accepted(jobs: JobDesk, job: Job): Response {
  const { webhook } = job.submission;
  const secret = webhook === null ? {} : { webhook_secret: jobSecret(jobs.settings.ownSecret, job) };
  return Response.json(
    { ...showJob(jobs, job), ...secret },
    {
      status: 202,
      headers: { location: jobs.pathOf(job), "preference-applied": "respond-async", "retry-after": "1" },
    },
  );
}
