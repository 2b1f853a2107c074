import type { Call } from "../batching/call.ts";
import type { Endpoint } from "../routing/endpoint.ts";
import type { Desk } from "./ask.ts";
import { errorResponse, type WriteError } from "./errors.ts";

/** The answer of a model as JSON; `Server-Timing` says how long it waited and how long the replica took, in ms. */
export function modelResponse(call: Call, body: Uint8Array): Response {
  const queue = tenths(call.sentAt - call.arrivedAt);
  const compute = tenths(call.answeredAt - call.sentAt);
  return new Response(body as Uint8Array<ArrayBuffer>, {
    headers: {
      "content-type": "application/json",
      "server-timing": `queue;dur=${queue}, compute;dur=${compute}`,
    },
  });
}

/** Runs the way of one request to a model, turns what it throws into the protocol's error, and measures it. */
export async function answering(
  desk: Desk,
  endpoint: Endpoint,
  writeError: WriteError,
  work: () => Promise<Response>,
): Promise<Response> {
  const startedAt = desk.clock.elapsedMs();
  let response: Response;
  try {
    response = await work();
  } catch (error) {
    response = errorResponse(error, writeError, desk.log);
  }
  const ms = desk.clock.elapsedMs() - startedAt;
  endpoint.observe(response.status, ms / 1000);
  desk.logAccess?.(endpoint.name, response.status, ms);
  return response;
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
