import { DomainError } from "@podium/shared";
import { admit } from "../../admission/admit.ts";
import { letIn } from "../../admission/let-in.ts";
import type { Pass } from "../../admission/pass.ts";
import { readBody } from "../../admission/read-body.ts";
import { timeLimit } from "../../admission/time-limit.ts";
import { type Binding, callerGone } from "../../batching/binding.ts";
import type { Call, Work } from "../../batching/call.ts";
import { Streaming } from "../../batching/streaming.ts";
import type { Endpoint } from "../../routing/endpoint.ts";
import { CALLER_GONE, noteVersion, observe, refusalOf, submit } from "../answer.ts";
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
    const { call, events, binding } = await begin(desk, endpoint, pass, request, version);
    request.signal.addEventListener("abort", () => call.leave(callerGone()));
    const ended = call.done.then(() => finish(desk, endpoint, pass, binding, call, events, startedAt));
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

/** Reads the request and puts it before the model. Its body is held until the stream ends. Throws a `DomainError`. */
async function begin(
  desk: Desk,
  endpoint: Endpoint,
  pass: Pass,
  request: Request,
  version: string | undefined,
) {
  const binding = admit(desk, endpoint, request, version);
  let held = desk.memory.hold(request, endpoint.maxBodyBytes);
  const release = () => desk.memory.release(held);
  try {
    const body = await readBody(request, endpoint.maxBodyBytes);
    held = desk.memory.correct(held, body.byteLength);
    const asked = readGenerate(body, binding);
    const limitMs = timeLimit(pass.timeoutMs, request.headers);
    const streaming = new Streaming((piece) => {
      try {
        events.send(writeGenerated(piece, asked, endpoint.name, call));
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        call.leave(error);
      }
    }, limitMs);
    const work = alone(asked.work, version !== undefined);
    const call = submit(desk, pass, binding, work, request, streaming);
    const events = new EventStream((why) => call.leave(why));
    void call.done.then(release);
    return { call, events, binding };
  } catch (error) {
    release();
    throw error;
  }
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
  binding: Binding,
  call: Call,
  events: EventStream,
  startedAt: number,
): DomainError | null {
  const failure = call.status === 200 ? null : refusalOf(call);
  const gone = call.caller.signal.aborted;
  desk.open -= 1;
  pass.bill(failure === null || (gone && events.hasBegun));
  const status = gone ? CALLER_GONE : (failure?.status ?? 200);
  observe(desk, endpoint, status, startedAt);
  noteVersion(desk, endpoint, binding, call, status);
  if (failure && events.hasBegun) events.send(JSON.stringify(asErrorBody(failure).body));
  if (!failure || events.hasBegun) events.close();
  return failure;
}
