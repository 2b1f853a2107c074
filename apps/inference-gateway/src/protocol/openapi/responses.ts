import type { Schema } from "./schemas.ts";

/** RFC 9457, as the plain form's errors are. */
export const problem: Schema = {
  type: "object",
  required: ["type", "title", "status", "code", "detail"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    code: { type: "string", description: "Stable: to branch on" },
    detail: { type: "string", description: "What happened and what to do next" },
    instance: { type: "string", description: "X-Request-Id of the request" },
    details: {
      type: "object",
      description: "Facts, such as retry_after_seconds, expected_ms or max_body_bytes",
    },
  },
};

/** How errors are written: as problem documents, or as foreign protocols have them. */
export type ErrorForm = "problem" | "error";

interface Refusal {
  description: string;
  headers?: readonly string[];
}

/** Every error that a caller can meet, by status. */
const REFUSALS: Record<number, Refusal> = {
  400: {
    description: "The request is malformed, or a tensor is not what the model takes: named in the message",
  },
  401: { description: "No key, or a wrong or expired one", headers: ["WWW-Authenticate"] },
  402: { description: "The endpoint's team has no credit left" },
  403: { description: "The key is not for this, or for another version" },
  404: { description: "There is no such endpoint, version or job, or this key did not make the job" },
  409: { description: "The job has not ended yet", headers: ["Retry-After"] },
  413: { description: "The body is larger than the endpoint allows" },
  422: { description: "The model raised an error on a row of this request" },
  429: {
    description:
      "Too many requests or bytes wait, more than the time limit allows; or a rate or a quota is used up",
    headers: ["Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"],
  },
  500: { description: "Something went wrong in the gateway, not with the request" },
  503: {
    description: "No replica is up, two stopped while they worked on this, or the job's gateway is not up",
    headers: ["Retry-After"],
  },
  504: { description: "Not answered within the caller's or the endpoint's time limit" },
};

/** What any call can be refused with. */
export const OF_A_CALL = [400, 401, 402, 403, 404, 413, 422, 429, 500, 503, 504];
/** What questions about a model can be refused with. */
export const OF_A_LOOK = [401, 403, 404, 500, 503];

const NAMES: Record<ErrorForm, { schema: string; type: string }> = {
  problem: { schema: "Problem", type: "application/problem+json" },
  error: { schema: "Error", type: "application/json" },
};
const nameOf = (status: number | string, form: ErrorForm) => `${NAMES[form].schema}${status}`;

/** The errors, for `components.responses`, each in both forms. */
export function refusals(): Schema {
  const all: Schema = {};
  for (const form of ["problem", "error"] as const) {
    const { schema, type } = NAMES[form];
    for (const [status, { description, headers = [] }] of Object.entries(REFUSALS))
      all[nameOf(status, form)] = {
        description,
        headers: headersOf(["X-Request-Id", ...headers]),
        content: { [type]: { schema: { $ref: `#/components/schemas/${schema}` } } },
      };
  }
  return all;
}

/** References to headers of `components.headers`. */
export function headersOf(names: readonly string[]): Schema {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** The answers to a request: a good one, and those that refuse it. */
export function answers(good: Schema, statuses: readonly number[], form: ErrorForm): Schema {
  const refused = statuses.map((status) => [
    status,
    { $ref: `#/components/responses/${nameOf(status, form)}` },
  ]);
  return { ...good, ...Object.fromEntries(refused) };
}

/** The answers to a call of the model; all of them but streams can be asked for as jobs. @param schema of a good one */
export function callAnswers(schema: Schema, form: ErrorForm, more: Schema = {}): Schema {
  const good = {
    description: "Answered. To those who take events and have to wait: progress, then the answer, as events",
    headers: headersOf([
      ...ANSWER_HEADERS,
      ...Object.keys(more).flatMap((type) => EXTRA_HEADERS[type] ?? []),
    ]),
    content: { "application/json": { schema }, ...more, "text/event-stream": { schema: EVENTS } },
  };
  return answers({ 200: good, 202: { $ref: "#/components/responses/Accepted" } }, OF_A_CALL, form);
}

const ANSWER_HEADERS = [
  "X-Request-Id",
  "Server-Timing",
  "RateLimit-Limit",
  "RateLimit-Remaining",
  "RateLimit-Reset",
];
const EXTRA_HEADERS: Record<string, string[]> = {
  "application/octet-stream": ["Inference-Header-Content-Length"],
};
const EVENTS: Schema = {
  type: "string",
  description: "Events progress, then one of answer, error and deferred (with a job's id and location)",
};
