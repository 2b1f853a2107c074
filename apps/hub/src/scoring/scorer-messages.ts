import { DomainError, ERROR_STATUS, type ErrorCode } from "@podium/shared";
import { z } from "zod";
import { scoreResultSchema } from "./score-request.ts";

/** One line of JSON into the scorer process, one out; one request at a time. */
export const scorerRequestSchema = z.object({ request: z.unknown() });

export const scorerAnswerSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("score"),
    result: scoreResultSchema,
    /** Resident memory of the process now, and its peak. */
    rss_bytes: z.number(),
    peak_rss_bytes: z.number(),
  }),
  z.object({
    type: z.literal("refused"),
    code: z.enum(Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]]),
    message: z.string(),
    details: z.record(z.string(), z.unknown()),
    rss_bytes: z.number(),
  }),
  z.object({ type: z.literal("fault"), message: z.string(), rss_bytes: z.number() }),
]);
export type ScorerAnswer = z.infer<typeof scorerAnswerSchema>;

/** The answer to a request that threw. */
export function answerOfError(error: unknown): ScorerAnswer {
  const rss_bytes = process.memoryUsage.rss();
  if (error instanceof DomainError) {
    return { type: "refused", code: error.code, message: error.message, details: error.details, rss_bytes };
  }
  return { type: "fault", message: error instanceof Error ? error.message : String(error), rss_bytes };
}
