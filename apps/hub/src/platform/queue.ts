import { createPostgresBackend, type Job, type JobsOptions, Queue, Worker } from "bullmq";
import type { Logger } from "pino";

export interface QueuedJob {
  id: string;
  name: string;
  data: unknown;
  /** Smaller is taken first, from 1; jobs of a queue have one all or none. */
  priority?: number;
}

/** BullMQ over Postgres, or over Redis when REDIS_URL is set. At least once: every handler must be idempotent. */
export interface Queues {
  add(queue: string, jobs: readonly QueuedJob[]): Promise<void>;
  work(queue: string, concurrency: number, handle: (job: QueuedJob) => Promise<void>): void;
  depth(queue: string): Promise<number>;
  /** Lets running jobs finish, hands waiting ones back. */
  close(): Promise<void>;
}

/** Retried for about an hour with growing pauses; then kept as failed, counted in `podium_jobs_dead_total`. */
const JOB_OPTIONS: JobsOptions = {
  attempts: 14,
  backoff: { type: "exponential", delay: 500 },
  removeOnComplete: { age: 3600, count: 10_000 },
  removeOnFail: { age: 14 * 86_400 },
};

export interface QueueConfig {
  databaseUrl: string;
  redisUrl?: string | undefined;
  log: Logger;
  /** how often jobs of a queue are tried, where an hour is not enough */
  attempts?: Readonly<Record<string, number>>;
  onDead(queue: string): void;
}

type Process = (job: Job) => Promise<void>;

/** The two backends differ in their connection only. */
function openBackend({ databaseUrl, redisUrl }: QueueConfig) {
  const timing = { stalledInterval: 5_000, lockDuration: 30_000 };
  if (redisUrl) {
    const connection = { url: redisUrl, maxRetriesPerRequest: null };
    return {
      queue: (name: string) => new Queue(name, { connection, defaultJobOptions: JOB_OPTIONS }),
      worker: (name: string, process: Process, concurrency: number) =>
        new Worker(name, process, { connection, concurrency, ...timing }),
    };
  }
  const connection = {
    connectionString: databaseUrl,
    // No wait for the disk: what a crash of Postgres takes back is queued or done again. A job is added before its event
    // is marked as relayed, and the log keeps that order.
    options: "-c synchronous_commit=off",
    max: 3,
    migrate: true,
    schema: "bullmq",
    application_name: "podium-queue",
  };
  return {
    queue: (name: string) =>
      new Queue(
        name,
        { connection, defaultJobOptions: JOB_OPTIONS },
        createPostgresBackend,
      ) as unknown as Queue,
    worker: (name: string, process: Process, concurrency: number) =>
      new Worker(
        name,
        process,
        { connection, concurrency, ...timing },
        createPostgresBackend,
      ) as unknown as Worker,
  };
}

export function createQueues(config: QueueConfig): Queues {
  const backend = openBackend(config);
  const queues = new Map<string, Queue>();
  const workers: Worker[] = [];
  const report = (error: Error) => config.log.warn({ err: error }, "queue connection");

  const queueOf = (name: string) => {
    const known = queues.get(name);
    if (known) return known;
    const queue = backend.queue(name);
    queue.on("error", report);
    queues.set(name, queue);
    return queue;
  };

  return {
    async add(queue, jobs) {
      const attempts = config.attempts?.[queue];
      const more = attempts === undefined ? {} : { attempts };
      await queueOf(queue).addBulk(
        jobs.map(({ id, name, data, priority }) => ({
          name,
          data,
          opts: { jobId: id, ...more, ...(priority === undefined ? {} : { priority }) },
        })),
      );
    },
    work(queue, concurrency, handle) {
      const process = (job: Job) => handle({ id: job.id ?? "", name: job.name, data: job.data });
      const worker = backend.worker(queue, process, concurrency);
      worker.on("error", report);
      worker.on("failed", (job, error) => {
        const dead = (job?.attemptsMade ?? 0) >= (job?.opts.attempts ?? 1);
        config.log[dead ? "error" : "warn"](
          { err: error, queue, job: job?.name, id: job?.id, dead },
          "job failed",
        );
        if (dead) config.onDead(queue);
      });
      workers.push(worker);
    },
    async depth(queue) {
      const counts = await queueOf(queue).getJobCounts("waiting", "prioritized", "delayed", "active");
      return Object.values(counts).reduce((sum, count) => sum + count, 0);
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}
