import { answers, headersOf } from "./responses.ts";
import type { Schema } from "./schemas.ts";

const NOT_YET = "null until it is there";
const moment = { type: ["string", "null"], format: "date-time" };

/** A job as its caller sees it. */
export const jobSchema: Schema = {
  type: "object",
  required: [
    ...["id", "state", "queue_position", "created_at", "started_at", "ended_at", "status", "result"],
    "kept_until",
  ],
  properties: {
    id: { type: "string", pattern: "^job_[0-9a-f]{32}_[0-9a-f]{32}$" },
    state: { enum: ["queued", "running", "done", "failed"] },
    queue_position: { type: ["integer", "null"], description: "While it is queued, from 1" },
    created_at: { type: "string", format: "date-time" },
    started_at: moment,
    ended_at: moment,
    status: { type: ["integer", "null"], description: "Of the answer that a waiting caller would have got" },
    result: { type: ["string", "null"], description: `Path of that answer; ${NOT_YET}` },
    kept_until: { ...moment, description: `When the result is removed; ${NOT_YET}` },
    webhook_secret: {
      type: "string",
      description: "In the 202 with a webhook: what its messages are signed with",
    },
  },
};

/** The answer to a call that is a job now, for `components.responses`. */
export const accepted: Schema = {
  description:
    "It is a job now: asked for so, or it waited for a model that is being started. It outlasts the gateway",
  headers: headersOf(["Location", "Preference-Applied", "Retry-After", "X-Request-Id"]),
  content: { "application/json": { schema: { $ref: "#/components/schemas/Job" } } },
};

/** What a webhook is told, as an OpenAPI callback. */
export const jobEnded: Schema = {
  jobEnded: {
    "{$request.header.Podium-Webhook}": {
      post: {
        summary: "A job has ended; signed as Standard Webhooks has it. May come twice: go by webhook-id",
        requestBody: {
          content: {
            "application/json": {
              schema: {
                type: "object",
                required: ["type", "timestamp", "data"],
                properties: {
                  type: { enum: ["job.done", "job.failed"] },
                  timestamp: { type: "string", format: "date-time" },
                  data: {
                    type: "object",
                    required: ["job_id", "state", "status", "result"],
                    properties: {
                      job_id: { type: "string" },
                      state: { enum: ["done", "failed"] },
                      status: { type: "integer" },
                      result: { type: "string", format: "uri" },
                    },
                  },
                },
              },
            },
          },
        },
        responses: {
          "2XX": { description: "Received; all else is tried again for about an hour and a half" },
        },
      },
    },
  },
};

const ID = { name: "id", in: "path", required: true, schema: { type: "string" } };
const OF_A_JOB = [401, 403, 404, 500, 503];

/** What is asked of jobs later, with the key that made them. */
export function jobPaths(name: string): Schema {
  const path = `/${name}/jobs/{id}`;
  const wait = {
    name: "wait",
    in: "query",
    description: "Seconds to wait for its end",
    schema: { type: "number", minimum: 0, maximum: 30, default: 0 },
  };
  const job = {
    description: "The job as it is",
    headers: headersOf(["Retry-After", "X-Request-Id"]),
    content: { "application/json": { schema: { $ref: "#/components/schemas/Job" } } },
  };
  return {
    [path]: {
      parameters: [ID],
      get: {
        operationId: "job",
        summary: "A job of this key",
        parameters: [wait],
        responses: answers({ 200: job }, OF_A_JOB, "problem"),
      },
      delete: {
        operationId: "removeJob",
        summary: "Cancels a job that has not ended, and removes it with its result",
        responses: answers({ 204: { description: "Gone" } }, OF_A_JOB, "problem"),
      },
    },
    [`${path}/result`]: {
      parameters: [ID],
      get: {
        operationId: "jobResult",
        summary: "What a waiting caller would have got: status, content type and body, byte for byte",
        responses: answers(
          {
            200: { description: "The model's answer, in the protocol of the call", content: { "*/*": {} } },
            default: {
              description: "The call's own error, in its protocol; 507: the result found no room on the disk",
            },
          },
          [...OF_A_JOB, 409],
          "problem",
        ),
      },
    },
  };
}
