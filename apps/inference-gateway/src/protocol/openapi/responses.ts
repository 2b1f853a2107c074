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
  },
};

const ERRORS: Record<string, string> = {
  400: "The request is malformed, or a tensor is not what the model takes: named in the message",
  401: "No key, or a wrong or expired one",
  413: "The body is larger than the endpoint allows",
  422: "The model raised an error on a row of this request",
  429: "Too many requests wait: try again after Retry-After",
  503: "No replica is up",
  504: "Not answered within the endpoint's time limit",
};

/** The answers to a call: what a good one holds, and every error in the form of its protocol. */
export function answers(schema: Schema, errors: "problem" | "error", type = "application/json") {
  const content =
    errors === "problem"
      ? { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } }
      : { "application/json": { schema: { $ref: "#/components/schemas/Error" } } };
  return {
    200: { description: "Answered", content: { [type]: { schema } } },
    ...Object.fromEntries(
      Object.entries(ERRORS).map(([status, description]) => [status, { description, content }]),
    ),
  };
}
