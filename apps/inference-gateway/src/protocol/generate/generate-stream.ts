import { DomainError } from "@podium/shared";
import { admit } from "../../admission/admit.ts";
import { letIn } from "../../admission/let-in.ts";
import type { Pass } from "../../admission/pass.ts";
import { readBody } from "../../admission/read-body.ts";
import { callerGone } from "../../batching/binding.ts";
import type { Call, Work } from "../../batching/call.ts";
import { Streaming } from "../../batching/streaming.ts";
import type { Endpoint } from "../../routing/endpoint.ts";
import { CALLER_GONE, observe, refusalOf, submit } from "../answer.ts";
import type { Desk } from "../desk.ts";
import { asErrorBody, errorResponse } from "../errors.ts";
import { EventStream } from "./event-stream.ts";
import { readGenerate } from "./read-generate.ts";
import { writeGenerated } from "./write-generate.ts";

const HEADERS = { "content-type": "text/event-stream", "cache-control": "no-store" };

/**
 * `POST /v2/models/{model}/generate_stream`: an event a piece, as the model yields it; never rejects.
 * An error before the first piece has its status, one after it is the last event. When the caller leaves, the model stops.
 * @param version the model version that the caller insists on
 */
export async function generateStream(
  desk: Desk,
  endpoint: Endpoint,
  request: Request,
  version?: string,
): Promise<Response> {
  const startedAt = desk.clock.elapsedMs();
  try {
    const pass = letIn(desk, endpoint, request, version);
    const { call, events } = await begin(desk, endpoint, pass, request, version);
    request.signal.addEventListener("abort", () => call.leave(callerGone()));
    const ended = call.done.then(() => finish(desk, endpoint, pass, call, events, startedAt));
    await Promise.race([ended, events.begun]);
    const failure = events.hasBegun ? null : await ended;
    return failure
      ? errorResponse(failure, asErrorBody, desk.log)
      : new Response(events.body, { headers: HEADERS });
  } catch (error) {
    const response = errorResponse(error, asErrorBody, desk.log);
    observe(desk, endpoint, response.status, startedAt);
    return response;
  }
}

/** Reads the request and puts it before the model. Throws a `DomainError`. */
async function begin(
  desk: Desk,
  endpoint: Endpoint,
  pass: Pass,
  request: Request,
  version: string | undefined,
) {
  const binding = admit(desk, endpoint, version);
  const asked = readGenerate(await readBody(request, endpoint.maxBodyBytes));
  const work = alone(asked.work, version !== undefined);
  const streaming = new Streaming((piece) => {
    try {
      events.send(writeGenerated(piece, asked, endpoint.name, call));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      call.leave(error);
    }
  }, endpoint.timeoutMs);
  const call = submit(desk, pass, binding, work, request, streaming);
  const events = new EventStream((why) => call.leave(why));
  return { call, events };
}

/** Work that shares its batch with no other. */
function alone(work: Work, pinned: boolean): Work {
  return {
    ...work,
    item: { ...work.item, stream: true },
    rows: Number.POSITIVE_INFINITY,
    key: "stream",
    pinned,
  };
}

/** The end of a stream: counted, billed when the caller got anything, and told in the last event when it is an error. */
function finish(
  desk: Desk,
  endpoint: Endpoint,
  pass: Pass,
  call: Call,
  events: EventStream,
  startedAt: number,
): DomainError | null {
  const failure = call.status === 200 ? null : refusalOf(call);
  const gone = call.caller.signal.aborted;
  desk.open -= 1;
  pass.bill(failure === null || (gone && events.hasBegun));
  observe(desk, endpoint, gone ? CALLER_GONE : (failure?.status ?? 200), startedAt);
  if (failure && events.hasBegun) events.send(JSON.stringify(asErrorBody(failure).body));
  if (!failure || events.hasBegun) events.close();
  return failure;
}
