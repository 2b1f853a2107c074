import { z } from "zod";

/** Every error code a caller can meet, with the HTTP status it is answered with. Codes are stable. */
export const ERROR_STATUS = {
  invalid_request: 400,
  unauthenticated: 401,
  insufficient_credits: 402,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  stale_epoch: 409,
  idempotency_mismatch: 409,
  limit_reached: 429,
  round_not_open: 409,
  not_an_entrant: 403,
  no_node_fits: 422,
  invalid_bundle: 422,
  invalid_predictions: 422,
  payload_too_large: 413,
  range_not_satisfiable: 416,
  hash_mismatch: 422,
  unavailable: 503,
  overloaded: 429,
  model_error: 422,
  timeout: 504,
  internal: 500,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/**
 * An error that a caller can act on. The message says what happened and what to do next; details carry
 * machine-readable facts. Anything else that is thrown is a bug and is answered as an opaque 500.
 */
export class DomainError extends Error {
  override readonly name = "DomainError";
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: Record<string, unknown> = {},
  ) {
    super(message);
  }
  get status() {
    return ERROR_STATUS[this.code];
  }
}

/** RFC 9457 problem document: what every error of the HTTP APIs looks like. */
export const problemSchema = z
  .object({
    type: z.string().describe("URI reference of the problem type, `/problems/{code}`"),
    title: z.string(),
    status: z.number().int(),
    code: z.string().describe("Stable code to branch on"),
    detail: z.string().describe("What happened and what to do next"),
    instance: z.string().optional().describe("Id of the request, to quote when asking for help"),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .describe("For validation: each field that is wrong"),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: "Problem" });

export type Problem = z.infer<typeof problemSchema>;

/** The problem document of a domain error. */
export function problemOf(error: DomainError, requestId?: string): Problem {
  const { errors, ...details } = error.details as { errors?: { path: string; message: string }[] };
  return {
    type: `/problems/${error.code}`,
    title: error.code.replaceAll("_", " "),
    status: error.status,
    code: error.code,
    detail: error.message,
    ...(requestId ? { instance: requestId } : {}),
    ...(errors ? { errors } : {}),
    ...(Object.keys(details).length > 0 ? { details } : {}),
  };
}
