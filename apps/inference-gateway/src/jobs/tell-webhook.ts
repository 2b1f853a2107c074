import { createHmac } from "node:crypto";
import { isIP } from "node:net";
import { DomainError } from "@podium/shared";
import { isPublicAddress, type Post, PostFailed, signedHeaders, webhookSecret } from "@podium/webhooks";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Job } from "./job.ts";

/** Pauses before each further try, ms; after the last it is given up. Each start of the gateway begins anew. */
const PAUSES_MS = [1_000, 5_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000];
const MAX_URL_LENGTH = 2_000;

/** The address that a caller wants told, checked as far as can be without asking a name server. Throws `invalid_request`. */
export function readWebhook(headers: Headers, allowPrivate: boolean): string | null {
  const text = headers.get("podium-webhook");
  if (text === null) return null;
  const url = text.length <= MAX_URL_LENGTH && URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol))
    throw wrong("must be an http:// or https:// address of at most 2000 characters.");
  if (url.username !== "" || url.password !== "") throw wrong("must have no name or password in it.");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (!allowPrivate && (host === "localhost" || (isIP(host) !== 0 && !isPublicAddress(host))))
    throw wrong("must be an address of the public internet.");
  return url.href;
}

const wrong = (what: string) => new DomainError("invalid_request", `Podium-Webhook: ${what}`);

/**
 * What signs the messages about the jobs of a key: the same at every gateway, and derived, so that none stores it.
 * @param ownSecret  the gateways' common one
 */
export function jobSecret(ownSecret: string, job: Job): string {
  const { key_id, id } = job.submission;
  const forJobs = createHmac("sha256", ownSecret).update("webhooks of jobs").digest("hex");
  return webhookSecret(forJobs, key_id ?? id);
}

interface Teller {
  clock: Clock;
  log: Log;
  post: Post;
  ownSecret: string;
  /** where callers reach this gateway */
  publicUrl: string;
  /** the job's path, `/{endpoint}/jobs/{id}` */
  pathOf(job: Job): string;
  sleep(ms: number): Promise<boolean>;
}

/** Posts that a job has ended, at least once; resolves with true when it got through or nothing more is to be tried. */
export async function tellWebhook(teller: Teller, job: Job): Promise<boolean> {
  const { webhook } = job.submission;
  if (webhook === null) return true;
  for (const pause of [0, ...PAUSES_MS]) {
    if (pause > 0 && !(await teller.sleep(pause))) return false;
    if (job.isRemoved) return true;
    const problem = await tryOnce(teller, job, webhook);
    if (problem === null) return true;
    teller.log.info({ job: job.id, problem }, "A job's webhook could not be told yet.");
  }
  return true;
}

/** @returns null, or why it did not get through */
async function tryOnce(teller: Teller, job: Job, url: string): Promise<string | null> {
  const path = teller.pathOf(job);
  const body = JSON.stringify({
    type: `job.${job.state}`,
    timestamp: new Date(job.outcome?.ended_ms ?? 0).toISOString(),
    data: {
      job_id: job.id,
      state: job.state,
      status: job.outcome?.status ?? null,
      result: `${teller.publicUrl}${path}/result`,
    },
  });
  const message = { id: job.id, at: teller.clock.now(), body };
  try {
    const status = await teller.post(url, signedHeaders(jobSecret(teller.ownSecret, job), message), body);
    return status >= 200 && status < 300 ? null : `it answered ${status}`;
  } catch (error) {
    if (!(error instanceof PostFailed)) throw error;
    return error.message;
  }
}
