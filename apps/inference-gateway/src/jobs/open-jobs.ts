import { createPost } from "@podium/webhooks";
import type { Clock } from "../clock.ts";
import type { DataFolder } from "../data-folder.ts";
import type { Env } from "../env.ts";
import type { Log } from "../log.ts";
import type { Routes } from "../routing/routes.ts";
import type { Job } from "./job.ts";
import { JobDesk } from "./job-desk.ts";
import { JobFiles } from "./job-files.ts";
import { runJob } from "./run-job.ts";

interface Given {
  clock: Clock;
  log: Log;
  random32: () => number;
}

const HOUR_MS = 3_600_000;
const MIB = 1024 * 1024;

/** The jobs of a gateway's folder, as its environment wants them kept. Throws when the folder can't be used. */
export async function openJobs(
  env: Env,
  folder: DataFolder,
  { clock, log, random32 }: Given,
  routes: Routes,
  serve: (request: Request) => Response | Promise<Response>,
): Promise<JobDesk> {
  const files = await JobFiles.open(folder.path, log);
  const markBilled = (job: Job) => {
    if (!job.isRemoved) files.mark(job, "b");
  };
  const runner = { routes, clock, log, serve, markBilled };
  return new JobDesk({
    settings: {
      gatewayId: folder.gatewayId,
      ownSecret: env.PODIUM_GATEWAY_TOKEN,
      publicUrl: env.PODIUM_GATEWAY_PUBLIC_URL ?? "",
      keepMs: env.PODIUM_GATEWAY_JOB_HOURS * HOUR_MS,
      maxBytes: env.PODIUM_GATEWAY_JOB_MIB * MIB,
      allowPrivateWebhooks: env.PODIUM_WEBHOOKS_PRIVATE,
    },
    files,
    ...{ clock, log, random32 },
    post: createPost({ allowPrivate: env.PODIUM_WEBHOOKS_PRIVATE }),
    run: (job, body, signal) => runJob(runner, job, body, signal),
    nameOf: (endpointId) => routes.endpointOf(endpointId)?.name,
  });
}
