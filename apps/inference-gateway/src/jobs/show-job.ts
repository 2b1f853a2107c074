import type { Job } from "./job.ts";
import type { JobDesk } from "./job-desk.ts";

/** A job as its caller sees it. */
export function showJob(desk: JobDesk, job: Job) {
  const { created_ms } = job.submission;
  const path = desk.pathOf(job);
  const at = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  const ended = job.outcome?.ended_ms ?? null;
  return {
    id: job.id,
    state: job.state,
    queue_position: job.state === "queued" ? desk.positionOf(job) : null,
    created_at: at(created_ms),
    started_at: at(job.startedMs),
    ended_at: at(ended),
    /** status of the answer that stands at `result` */
    status: job.outcome?.status ?? null,
    result: ended === null ? null : `${path}/result`,
    kept_until: ended === null ? null : at(ended + desk.settings.keepMs),
  };
}
