import { DomainError } from "@podium/shared";
import type { Context, Hono } from "hono";
import { checkKey } from "../admission/check-key.ts";
import type { Clock } from "../clock.ts";
import type { Fleet } from "../limits/fleet.ts";
import type { Routes } from "../routing/routes.ts";
import { askOwner } from "./ask-owner.ts";
import type { Job } from "./job.ts";
import type { JobDesk } from "./job-desk.ts";
import { parseJobId } from "./job-id.ts";
import { showJob } from "./show-job.ts";

interface Door {
  readonly routes: Routes;
  readonly clock: Clock;
  readonly fleet: Fleet;
  readonly jobs: JobDesk;
}

/** A question for a job may wait for its end: seconds. */
const MAX_WAIT_SECONDS = 30;

/** What is asked of jobs later, at any gateway, with the key that made them. */
export function addJobs(app: Hono, door: Door) {
  app.get("/:endpoint/jobs/:id", (c) =>
    withJob(c, door, async (job) => {
      const seconds = Math.min(MAX_WAIT_SECONDS, Math.max(0, Number(c.req.query("wait") ?? 0) || 0));
      if (!job.outcome && seconds > 0) await Promise.race([job.ended.promise, Bun.sleep(seconds * 1000)]);
      return c.json(showJob(door.jobs, job), 200, job.outcome ? {} : { "retry-after": "1" });
    }),
  );
  app.get("/:endpoint/jobs/:id/result", (c) =>
    withJob(c, door, async (job) => {
      if (!job.outcome)
        throw new DomainError("conflict", "This job has not ended yet. Ask for it, or wait with ?wait=30.", {
          retry_after_seconds: 1,
        });
      const { status, headers } = job.outcome;
      return new Response(await door.jobs.result(job), { status, headers });
    }),
  );
  app.delete("/:endpoint/jobs/:id", (c) =>
    withJob(c, door, async (job) => {
      await door.jobs.remove(job);
      return c.body(null, 204);
    }),
  );
}

/** Answers with the job of the path, here or at the gateway that keeps it. Throws `not_found`, `unauthenticated`, `forbidden`. */
async function withJob(c: Context, door: Door, answer: (job: Job) => Promise<Response>): Promise<Response> {
  const name = c.req.param("endpoint") ?? "";
  const endpoint = door.routes.endpoint(name);
  if (!endpoint) throw new DomainError("not_found", `There is no endpoint '${name.slice(0, 100)}' here.`);
  const pass = checkKey(endpoint, c.req.raw.headers, door.clock, "jobs");
  const id = c.req.param("id") ?? "";
  const parsed = parseJobId(id);
  if (parsed && parsed.gatewayId !== door.jobs.settings.gatewayId)
    return askOwner(door.fleet, parsed.gatewayId, c.req.raw);
  return answer(door.jobs.find(pass, id));
}
