import { z } from "zod";
import { idSchema } from "./ids.ts";

/** Durations are counted in buckets that grow by a quarter of a doubling, from 0.1 ms to 105 s: what is read off errs by 9 %. */
const BUCKETS_A_DOUBLING = 4;
const SHORTEST_MS = 0.1;
const DOUBLINGS = 20;

/** Upper bounds of the buckets, milliseconds; one more bucket holds what took longer. Never change it: counts are kept. */
export const DURATION_BOUNDS_MS: readonly number[] = Array.from(
  { length: DOUBLINGS * BUCKETS_A_DOUBLING + 1 },
  (_, index) => SHORTEST_MS * 2 ** (index / BUCKETS_A_DOUBLING),
);
export const DURATION_BUCKETS = DURATION_BOUNDS_MS.length + 1;

/** The bucket that a duration is counted in. */
export function durationBucket(ms: number): number {
  if (!(ms > SHORTEST_MS)) return 0;
  const bucket = Math.ceil(Math.log2(ms / SHORTEST_MS) * BUCKETS_A_DOUBLING);
  return Math.min(bucket, DURATION_BUCKETS - 1);
}

/** Upper bounds of the buckets of requests in one batch; one more bucket holds what is larger. */
export const BATCH_BOUNDS: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
export const BATCH_BUCKETS = BATCH_BOUNDS.length + 1;

/** Why requests were not answered with 200, in the order in which they are kept. Append only. */
export const ERROR_CLASSES = [
  "invalid",
  "denied",
  "rejected",
  "canceled",
  "model",
  "unavailable",
  "timeout",
  "internal",
] as const;
export type ErrorClass = (typeof ERROR_CLASSES)[number];

const BY_STATUS = new Map<number, ErrorClass>([
  [401, "denied"],
  [402, "denied"],
  [403, "denied"],
  [422, "model"],
  [429, "rejected"],
  [499, "canceled"],
  [503, "unavailable"],
  [504, "timeout"],
]);

/** What an answer that is no success is counted as. */
export function errorClassOf(status: number): ErrorClass {
  return BY_STATUS.get(status) ?? (status >= 500 ? "internal" : "invalid");
}

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const milliseconds = z.number().nonnegative().finite();
const counts = (length: number) => z.array(count).length(length);

/** What happened to one model version of an endpoint, or at it, in a minute. All of it adds up. */
export const minuteFiguresSchema = z.object({
  endpoint_id: idSchema("endpoint"),
  /** 0: requests that came to no version, as those without a valid key */
  version: z.number().int().nonnegative().max(2_147_483_647),
  calls: count.describe("Answers of any kind"),
  /** of `ERROR_CLASSES`, in their order */
  errors: counts(ERROR_CLASSES.length),
  /** by `DURATION_BOUNDS_MS`: from request to answer, of those answered with 200 */
  latency: counts(DURATION_BUCKETS),
  /** by `BATCH_BOUNDS`: requests in a batch */
  batches: counts(BATCH_BUCKETS),
  batched: count.describe("Requests in all batches"),
  /** sums over the requests answered with 200 */
  latency_ms: milliseconds,
  queue_ms: milliseconds,
  batch_ms: milliseconds,
  transport_ms: milliseconds,
  compute_ms: milliseconds,
  max_waiting: count.max(2_147_483_647).describe("Requests that waited at once, looked at every second"),
});
export type MinuteFigures = z.infer<typeof minuteFiguresSchema>;

export const figuresReportSchema = z.object({
  gateway_id: z.string().regex(/^gtw_[0-9a-f]{32}$/),
  /** rises within a gateway id; the hub ignores one that is not above the last */
  sequence: z.number().int().positive(),
  minute: z.iso.datetime({ offset: true }).describe("When the minute began"),
  items: z.array(minuteFiguresSchema).max(1_000),
});
export type FiguresReport = z.infer<typeof figuresReportSchema>;

const at = z.iso.datetime({ offset: true });
const errorCounts = Object.fromEntries(ERROR_CLASSES.map((name) => [name, z.number().int()])) as Record<
  ErrorClass,
  z.ZodNumber
>;
const quantile = z.number().nullable().describe("Milliseconds; null: nothing was answered");

export const endpointPointSchema = z
  .object({
    at,
    calls: z.number().int(),
    errors: z
      .object(errorCounts)
      .describe(
        "By class: what the caller got wrong (invalid), keys and credit (denied), full queues (rejected), callers that left (canceled), what the model raised (model), no replica (unavailable), too slow (timeout), the gateway's own (internal)",
      ),
    latency_ms: z.object({ mean: quantile, p50: quantile, p95: quantile, p99: quantile }),
    stages_ms: z
      .object({ queue: quantile, batch: quantile, transport: quantile, compute: quantile })
      .describe("Means, as in Server-Timing"),
    batch_size: z.number().nullable().describe("Mean; null: there was no batch"),
    max_waiting: z.number().int(),
  })
  .meta({ id: "EndpointPoint" });
export type EndpointPoint = z.infer<typeof endpointPointSchema>;

export const endpointSeriesSchema = z
  .object({
    step_seconds: z.number().int().describe("What one point covers, from `at` on"),
    points: z.array(endpointPointSchema).describe("All versions together"),
    versions: z.array(
      z.object({
        version: z.number().int().describe("0: requests that came to no version"),
        points: z.array(endpointPointSchema),
      }),
    ),
    batch_sizes: z
      .array(z.object({ at_most: z.number().int().nullable(), batches: z.number().int() }))
      .describe("Of the whole span; null: larger than all others"),
  })
  .meta({ id: "EndpointSeries" });
