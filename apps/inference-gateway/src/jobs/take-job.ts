import type { BodyMemory } from "../admission/body-memory.ts";
import { letIn } from "../admission/let-in.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Watch } from "../observing/watch.ts";
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
  readonly memory: BodyMemory;
  readonly watch: Watch;
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
  const visit = door.watch.begin(request, endpoint);
  let response: Response;
  let held = 0;
  try {
    const pass = letIn(door, endpoint, request, version);
    visit.pass = pass;
    pass.require("jobs");
    held = door.memory.hold(request, endpoint.maxBodyBytes);
    response = accepted(door.jobs, await door.jobs.submit(pass, request));
    response.headers.set("x-request-id", visit.id);
  } catch (error) {
    response = errorResponse(error, writeError, door.log, visit);
  }
  door.memory.release(held);
  door.watch.end(visit, response.status);
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
