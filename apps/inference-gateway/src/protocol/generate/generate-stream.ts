import { DomainError } from "@podium/shared";
import { admit } from "../../admission/admit.ts";
import { letIn } from "../../admission/let-in.ts";
import type { Pass } from "../../admission/pass.ts";
import { readBody } from "../../admission/read-body.ts";
import { timeLimit } from "../../admission/time-limit.ts";
import { type Binding, callerGone } from "../../batching/binding.ts";
import type { Call, Work } from "../../batching/call.ts";
import { Streaming } from "../../batching/streaming.ts";
import { serverTiming } from "../../observing/server-timing.ts";
import type { Visit } from "../../observing/visit.ts";
import type { Endpoint } from "../../routing/endpoint.ts";
import { CALLER_GONE, noteVersion, refusalOf, submit } from "../answer.ts";
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
  const visit = desk.watch.begin(request, endpoint);
  try {
    const pass = letIn(desk, endpoint, request, version);
    visit.pass = pass;
    const { call, events, binding } = await begin(desk, visit, pass, version);
    request.signal.addEventListener("abort", () => call.leave(callerGone()));
    const ended = call.done.then(() => finish(desk, visit, binding, call, events));
    await Promise.race([ended, events.begun]);
    const failure = events.hasBegun ? null : await ended;
    return failure
      ? errorResponse(failure, asErrorBody, desk.log, visit)
      : new Response(events.body, { headers: headersOf(desk, visit, call) });
  } catch (error) {
    const response = errorResponse(error, asErrorBody, desk.log, visit);
    desk.watch.end(visit, response.status);
    return response;
  }
}

/** As the answer begins; `Server-Timing` is that of its first piece. */
function headersOf(desk: Desk, visit: Visit, call: Call) {
  const timing = serverTiming(call, desk.clock.elapsedMs() - visit.startedAt);
  return { ...HEADERS, "server-timing": timing, "x-request-id": visit.id };
}

/** Reads the request and puts it before the model. Its body is held until the stream ends. Throws a `DomainError`. */
async function begin(desk: Desk, visit: Visit, pass: Pass, version: string | undefined) {
  const { endpoint, request } = visit;
  const binding = admit(desk, endpoint, request, version);
  visit.binding = binding;
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
    visit.submitted(call);
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
  visit: Visit,
  binding: Binding,
  call: Call,
  events: EventStream,
): DomainError | null {
  const failure = call.status === 200 ? null : refusalOf(call);
  const gone = call.caller.signal.aborted;
  desk.open -= 1;
  visit.pass?.bill(failure === null || (gone && events.hasBegun));
  if (failure && events.hasBegun) events.send(JSON.stringify(asErrorBody(failure).body));
  if (!failure || events.hasBegun) events.close();
  visit.bytesOut = events.bytes;
  const status = gone ? CALLER_GONE : (failure?.status ?? 200);
  desk.watch.end(visit, status);
  noteVersion(desk, visit.endpoint, binding, call, status);
  return failure;
}
