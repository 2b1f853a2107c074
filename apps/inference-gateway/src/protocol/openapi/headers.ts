import type { Endpoint } from "../../routing/endpoint.ts";
import type { Schema } from "./schemas.ts";

const text: Schema = { type: "string" };
const count: Schema = { type: "integer", minimum: 0 };

/** Headers of answers, for `components.headers`. */
export const HEADERS: Schema = {
  "X-Request-Id": { description: "The caller's own, or one of the gateway's", schema: text },
  "Retry-After": { description: "Seconds after which it is worth another try", schema: count },
  "RateLimit-Limit": { description: "Calls at once, of a caller with limits", schema: count },
  "RateLimit-Remaining": { description: "Calls that are left of them", schema: count },
  "RateLimit-Reset": { description: "Seconds until all of them are there again", schema: count },
  "Server-Timing": { description: "queue, batch, transport, compute and total, in ms", schema: text },
  "WWW-Authenticate": { schema: { const: "Bearer" } },
  "Inference-Header-Content-Length": {
    description: "Length of the JSON before raw bytes",
    schema: count,
  },
  Location: { description: "Where to ask for the job", schema: text },
  "Preference-Applied": { schema: { const: "respond-async" } },
};

/** Headers that calls may send, for `components.parameters`, by the name under which they are referred to. */
export function requestHeaders({ timeoutMs }: Endpoint): Schema {
  return {
    TimeLimit: header("X-Request-Timeout-Ms", `At most the endpoint's ${timeoutMs} ms`, {
      type: "number",
      exclusiveMinimum: 0,
    }),
    Prefer: header(
      "Prefer",
      "respond-async: answer 202 at once, and run it as a job. wait=SECONDS: a call that still waits for a replica then becomes a job",
      { ...text, examples: ["respond-async", "wait=20"] },
    ),
    Webhook: header("Podium-Webhook", "With respond-async: told when the job has ended", {
      ...text,
      format: "uri",
      maxLength: 2000,
    }),
    RouteKey: header("X-Podium-Route-Key", "Calls with the same value go to the same version", text),
    RequestId: header("X-Request-Id", "Names the request in the gateway's log", { ...text, maxLength: 128 }),
    Encoding: header("Content-Encoding", "How the body is compressed; limits count what is inside", {
      enum: ["gzip", "deflate"],
    }),
    HeaderLength: header(
      "Inference-Header-Content-Length",
      "Length of the JSON before raw bytes; 0: the whole body is the one input",
      count,
    ),
  };
}

const header = (name: string, description: string, schema: Schema) => ({
  name,
  in: "header",
  required: false,
  description,
  schema,
});

const referring = (names: readonly string[]) =>
  names.map((name) => ({ $ref: `#/components/parameters/${name}` }));

/** What every call may send. @param more names of further ones */
export const callHeaders = (...more: string[]) =>
  referring(["TimeLimit", "Prefer", "Webhook", "RouteKey", "RequestId", "Encoding", ...more]);

/** What a call may send that is answered as a stream: it can't be a job. */
export const streamHeaders = () => referring(["TimeLimit", "RouteKey", "RequestId", "Encoding"]);
