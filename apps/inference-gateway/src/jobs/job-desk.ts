import { DomainError } from "@podium/shared";
import type { Post } from "@podium/webhooks";
import type { Pass } from "../admission/pass.ts";
import { readSent } from "../admission/read-body.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Job, Outcome, Submission } from "./job.ts";
import type { JobFiles } from "./job-files.ts";
import { newJobId } from "./job-id.ts";
import { JobQueue } from "./job-queue.ts";
import { readWebhook, tellWebhook } from "./tell-webhook.ts";

export interface JobSettings {
  gatewayId: string;
  /** the gateways' common secret, from which webhooks' secrets are derived */
  ownSecret: string;
  publicUrl: string;
  /** results are kept so long after the job has ended */
  keepMs: number;
  /** disk that all jobs of this gateway may take, bytes: inputs half of it, results the rest */
  maxBytes: number;
  allowPrivateWebhooks: boolean;
}

export interface JobDeskParts {
  settings: JobSettings;
  files: JobFiles;
  clock: Clock;
  log: Log;
  random32: () => number;
  post: Post;
  /** runs a job's call: never rejects; undefined when its endpoint or its key is gone */
  run(job: Job, body: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<Response>;
  /** name of an endpoint; undefined when it is gone */
  nameOf(endpointId: string): string | undefined;
}

/** Open jobs of one key (of all callers without one, at a public endpoint). */
const OPEN_A_KEY = 1_000;
const MAX_JOBS = 100_000;
const MAX_STARTS = 2;
/** How long files may still be written when the gateway stops. */
const LAST_WRITES_MS = 2_000;
/** A job that finds no replica, or full queues, is tried again for so long. */
const PATIENCE_MS = 3_600_000;
/** Headers of a call that its answer depends on; credentials are not written down. */
const KEPT_HEADERS = [
  "content-type",
  "content-encoding",
  "accept-encoding",
  "inference-header-content-length",
  "accept",
];
/** Said anew by whoever answers with a stored result. */
const OWN_HEADERS = [
  "content-length",
  "date",
  "connection",
  "transfer-encoding",
  "ratelimit-limit",
  "ratelimit-remaining",
  "ratelimit-reset",
];

/** The jobs that this gateway keeps, whether hub and database are up or not. */
export class JobDesk {
  readonly #jobs = new Map<string, Job>();
  readonly #queues = new Map<string, JobQueue>();
  readonly #stopped = new AbortController();
  #bytes = 0;
  #timer: Timer | null = null;
  #underWay = new Set<Promise<unknown>>();

  constructor(private readonly parts: JobDeskParts) {}

  /** Jobs whose results are not there yet. */
  get open(): number {
    let open = 0;
    for (const { waiting, running } of this.#queues.values()) open += waiting.size + running.size;
    return open;
  }

  get settings(): JobSettings {
    return this.parts.settings;
  }

  /** Takes up what is on the disk, and runs jobs from now on. */
  async start(everyMs: number) {
    const loaded = await this.parts.files.load();
    loaded.sort((a, b) => a.job.submission.created_ms - b.job.submission.created_ms);
    for (const { job, isTold } of loaded) {
      this.#jobs.set(job.id, job);
      this.#bytes += job.bytes;
      if (!job.outcome) this.#queueOf(job).waiting.add(job);
      else if (!isTold) this.#tell(job);
    }
    this.#timer = setInterval(() => {
      this.#turn();
      this.#forgetOld();
    }, everyMs);
  }

  /** Lets go of what runs: it is on the disk and runs again at the next start. A model that hangs is not waited for. */
  async stop() {
    if (this.#timer) clearInterval(this.#timer);
    this.#stopped.abort();
    for (const { running } of this.#queues.values())
      for (const job of running) {
        job.abort?.abort();
        this.#undoStart(job);
      }
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, LAST_WRITES_MS);
    await Promise.race([Promise.allSettled(this.#underWay), promise]);
    clearTimeout(timer);
  }

  /** Takes a call as a job: reads its body, and resolves when it is on the disk. Throws a `DomainError`. */
  async submit(pass: Pass, request: Request): Promise<Job> {
    const { settings } = this.parts;
    const webhook = readWebhook(request.headers, settings.allowPrivateWebhooks);
    this.#refuseWhenFull(pass, 0);
    const body = await readSent(request, pass.endpoint.maxBodyBytes);
    return this.#keep(pass, request, body, webhook, null);
  }

  /**
   * Makes a job of a call whose body has been read, such as one that has waited for long. The caller ends the call
   * itself, answers with the job, and must not bill it: it was counted once, and the job is what it was counted for.
   * @param body as it was sent. Throws `overloaded`.
   */
  defer(pass: Pass, request: Request, body: Uint8Array): Promise<Job> {
    return this.#keep(pass, request, body, null, pass);
  }

  async #keep(
    pass: Pass,
    request: Request,
    body: Uint8Array,
    webhook: string | null,
    counted: Pass | null,
  ): Promise<Job> {
    this.#refuseWhenFull(pass, body.byteLength);
    const { pathname, search } = new URL(request.url);
    const submission: Submission = {
      id: newJobId(this.parts.settings.gatewayId, this.parts.random32),
      endpoint_id: pass.endpoint.id,
      key_id: pass.keyId,
      path: pathname + search,
      headers: KEPT_HEADERS.flatMap((name) => {
        const value = request.headers.get(name);
        return value === null ? [] : [[name, value] as [string, string]];
      }),
      webhook,
      created_ms: this.parts.clock.now().getTime(),
    };
    this.#bytes += body.byteLength;
    try {
      const job = await this.parts.files.saveInput(submission, body);
      this.#bytes += job.bytes;
      job.counted = counted;
      this.#jobs.set(job.id, job);
      this.#queueOf(job).waiting.add(job);
      this.#turn();
      return job;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      throw full("This gateway's disk is full, so it takes no jobs now.");
    } finally {
      this.#bytes -= body.byteLength;
    }
  }

  /** The job, if this key made it. Throws `not_found`, whoever's it is otherwise. */
  find(pass: Pass, id: string): Job {
    const job = this.#jobs.get(id);
    if (job && job.submission.endpoint_id === pass.endpoint.id && job.submission.key_id === pass.keyId)
      return job;
    throw new DomainError(
      "not_found",
      "There is no such job of this key here. Results are kept for a time only; check the id, or submit it again.",
    );
  }

  positionOf(job: Job): number {
    return this.#queueOf(job).positionOf(job);
  }

  result(job: Job): Promise<Uint8Array<ArrayBuffer>> {
    return this.parts.files.readResult(job);
  }

  /** Cancels a job that has not ended, and removes it with its result. */
  async remove(job: Job) {
    job.isRemoved = true;
    job.endCount();
    this.#jobs.delete(job.id);
    this.#queueOf(job).waiting.delete(job);
    job.abort?.abort();
    this.#bytes -= job.bytes;
    await this.parts.files.remove(job);
    job.ended.resolve();
  }

  #refuseWhenFull(pass: Pass, more: number) {
    const { maxBytes } = this.parts.settings;
    if (this.#stopped.signal.aborted) throw full("This gateway is stopping. Send the request again.");
    if (this.#bytes + more > maxBytes / 2 || this.#jobs.size >= MAX_JOBS)
      throw full("This gateway keeps as many jobs as it may. Fetch and delete results, or try again later.");
    const queue = this.#queues.get(pass.endpoint.id);
    let open = 0;
    for (const set of [queue?.waiting ?? [], queue?.running ?? []])
      for (const { submission } of set) if (submission.key_id === pass.keyId) open += 1;
    if (open >= OPEN_A_KEY)
      throw full(`${OPEN_A_KEY} jobs of this key are open already. Wait for some to end.`);
  }

  #queueOf({ submission: { endpoint_id } }: Job): JobQueue {
    let queue = this.#queues.get(endpoint_id);
    if (!queue) {
      queue = new JobQueue();
      this.#queues.set(endpoint_id, queue);
    }
    return queue;
  }

  /** Starts what can run. */
  #turn() {
    const elapsed = this.parts.clock.elapsedMs();
    for (const queue of this.#queues.values()) {
      for (let job = queue.next(elapsed); job; job = queue.next(elapsed)) {
        queue.waiting.delete(job);
        queue.running.add(job);
        this.#track(this.#run(job, queue));
      }
    }
  }

  #forgetOld() {
    const before = this.parts.clock.now().getTime() - this.parts.settings.keepMs;
    for (const job of this.#jobs.values())
      if (job.outcome && job.outcome.ended_ms <= before) this.#track(this.remove(job));
  }

  async #run(job: Job, queue: JobQueue) {
    const { clock, files, log } = this.parts;
    job.startedMs = clock.now().getTime();
    job.abort = new AbortController();
    try {
      if (job.starts >= MAX_STARTS) await this.#finish(job, endedTwice());
      else {
        job.starts += 1;
        files.mark(job, "r");
        const response = await this.parts.run(job, await files.readInput(job), job.abort.signal);
        if (job.isRemoved || this.#stopped.signal.aborted) return;
        if (!this.#isTriedAgain(job, response)) await this.#finish(job, response);
      }
    } catch (error) {
      if (!job.isRemoved && !this.#stopped.signal.aborted)
        log.error({ err: error, job: job.id }, "A job could not be run; it is tried again.");
      job.notBefore = clock.elapsedMs() + 10_000;
    } finally {
      queue.running.delete(job);
      if (!job.outcome && !job.isRemoved) {
        job.startedMs = null;
        queue.waiting.add(job);
      }
      if (!this.#stopped.signal.aborted) this.#turn();
    }
  }

  #undoStart(job: Job) {
    job.starts -= 1;
    if (!job.isRemoved) this.parts.files.mark(job, "u");
  }

  /** True when it found no room or no replica: it waits again, and that try does not count. */
  #isTriedAgain(job: Job, { status, headers }: Response): boolean {
    const { clock } = this.parts;
    const seconds = Number(headers.get("retry-after") ?? "0");
    const isBusy = (status === 429 || status === 503) && seconds > 0 && !job.isBilled;
    if (!isBusy || clock.now().getTime() - job.submission.created_ms > PATIENCE_MS) return false;
    this.#undoStart(job);
    job.refusals += 1;
    job.notBefore = clock.elapsedMs() + Math.min(30, Math.max(seconds, job.refusals)) * 1000;
    return true;
  }

  async #finish(job: Job, response: Response) {
    const { files, settings, clock } = this.parts;
    job.endCount();
    let body = await response.bytes();
    let { status } = response;
    let headers = [...response.headers].filter(([name]) => !OWN_HEADERS.includes(name));
    if (this.#bytes + body.byteLength > settings.maxBytes) {
      body = new TextEncoder().encode(JSON.stringify({ error: "The result found no room on the disk." }));
      status = 507;
      headers = [["content-type", "application/json"]];
    }
    const outcome: Outcome = { status, headers, ended_ms: clock.now().getTime() };
    const bytes = await files.saveResult(job, outcome, body);
    if (job.isRemoved) return files.remove(job);
    this.#bytes += bytes;
    job.finish(outcome, bytes);
    this.#tell(job);
  }

  #tell(job: Job) {
    const { settings, clock, log, post, files } = this.parts;
    if (job.submission.webhook === null) return;
    const teller = {
      ...{ clock, log, post, ownSecret: settings.ownSecret, publicUrl: settings.publicUrl },
      pathOf: (of: Job) => this.pathOf(of),
      sleep: (ms: number) => this.#sleep(ms),
    };
    this.#track(
      tellWebhook(teller, job).then((isOver) => {
        if (isOver && !job.isRemoved) files.mark(job, "w");
      }),
    );
  }

  pathOf({ id, submission: { endpoint_id } }: Job): string {
    return `/${this.parts.nameOf(endpoint_id) ?? "-"}/jobs/${id}`;
  }

  /** False when the gateway stops first. */
  #sleep(ms: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(true), ms);
    this.#stopped.signal.addEventListener("abort", () => resolve(false), { once: true });
    return promise.finally(() => clearTimeout(timer));
  }

  #track(work: Promise<unknown>) {
    const watched = work.catch((error: unknown) =>
      this.parts.log.error({ err: error }, "A job's files can't be changed."),
    );
    this.#underWay.add(watched);
    void watched.finally(() => this.#underWay.delete(watched));
  }
}

const full = (message: string) => new DomainError("overloaded", message, { retry_after_seconds: 10 });

function endedTwice(): Response {
  const error =
    "The gateway ended twice while it worked on this job, so it is not tried again. Check the input.";
  return Response.json({ error }, { status: 503 });
}
