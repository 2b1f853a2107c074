import { z } from "zod";
import type { Pass } from "../admission/pass.ts";

export type JobState = "queued" | "running" | "done" | "failed";

/** What is written with a job's input, before its caller gets the 202. */
export const submissionSchema = z.object({
  id: z.string(),
  endpoint_id: z.string(),
  key_id: z.string().nullable(),
  /** path and query of the call */
  path: z.string(),
  headers: z.array(z.tuple([z.string(), z.string()])),
  webhook: z.string().nullable(),
  /** of the epoch */
  created_ms: z.number(),
});
export type Submission = z.infer<typeof submissionSchema>;

/** What is written with a job's result: the answer that a waiting caller would have got. */
export const outcomeSchema = z.object({
  status: z.number().int(),
  headers: z.array(z.tuple([z.string(), z.string()])),
  ended_ms: z.number(),
});
export type Outcome = z.infer<typeof outcomeSchema>;

/** A submitted call: waiting, at a model, or answered. Its input and its result are files. */
export class Job {
  outcome: Outcome | null = null;
  /** of the epoch; null while it waits */
  startedMs: number | null = null;
  /** how often a process began it: one that ended twice on it is not tried a third time */
  starts = 0;
  /** its answer is on the bill, though perhaps not yet on the disk */
  isBilled = false;
  /** where its caller's waiting call was counted, until the model gets the job in its place; of this process alone */
  counted: Pass | null = null;
  isRemoved = false;
  /** ends it where it is at a model */
  abort: AbortController | null = null;
  /** monotonic ms before which it is not tried again */
  notBefore = 0;
  refusals = 0;
  readonly ended = Promise.withResolvers<void>();

  /** @param bytes that its files take */
  constructor(
    readonly submission: Submission,
    public bytes: number,
  ) {}

  get id(): string {
    return this.submission.id;
  }

  get state(): JobState {
    if (this.outcome) return this.outcome.status === 200 ? "done" : "failed";
    return this.startedMs === null ? "queued" : "running";
  }

  /** The end of a call that was counted and never came to a model: not on the bill, as every other that waits in vain. */
  endCount() {
    this.counted?.bill(false);
    this.counted = null;
  }

  finish(outcome: Outcome, bytes: number) {
    this.outcome = outcome;
    this.bytes += bytes;
    this.abort = null;
    this.ended.resolve();
  }
}
