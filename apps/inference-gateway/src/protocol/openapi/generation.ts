import { callHeaders, streamHeaders } from "./headers.ts";
import { answers, callAnswers, headersOf, OF_A_CALL } from "./responses.ts";
import { callParameters, jsonBody, type Schema } from "./schemas.ts";

const ASKED: Schema = {
  type: "object",
  required: ["text_input"],
  properties: { id: { type: "string" }, text_input: { type: "string" }, parameters: callParameters() },
};
const TEXT: Schema = {
  type: "object",
  required: ["text_output"],
  properties: {
    text_output: { type: "string" },
    id: { type: "string" },
    model_name: { type: "string" },
    model_version: { type: "string" },
  },
};

/** The paths of a text, below a model or one of its versions. @param suffix of the operations' names */
export function generation(base: string, suffix = "", parameters: readonly Schema[] = []): Schema {
  const pieces = {
    description: "An event a piece; an error after the first one is the last event, {error}",
    headers: headersOf(["X-Request-Id", "Server-Timing"]),
    content: { "text/event-stream": { schema: TEXT } },
  };
  return {
    [`${base}/generate`]: {
      post: {
        operationId: `generate${suffix}`,
        summary: "A text, where the model gives one",
        parameters: [...parameters, ...callHeaders()],
        requestBody: jsonBody(ASKED, undefined),
        responses: callAnswers(TEXT, "error"),
      },
    },
    [`${base}/generate_stream`]: {
      post: {
        operationId: `generateStream${suffix}`,
        summary: "The same, piece by piece; the time limit counts anew with each. It can't be a job",
        parameters: [...parameters, ...streamHeaders()],
        requestBody: jsonBody(ASKED, undefined),
        responses: answers({ 200: pieces }, OF_A_CALL, "error"),
      },
    },
  };
}
