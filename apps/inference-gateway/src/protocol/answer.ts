import { DomainError } from "@podium/shared";
import { admit } from "../admission/admit.ts";
import { letIn } from "../admission/let-in.ts";
import type { Pass } from "../admission/pass.ts";
import { readBody } from "../admission/read-body.ts";
import { timeLimit } from "../admission/time-limit.ts";
import { type Binding, callerGone } from "../batching/binding.ts";
import { Call, type Work } from "../batching/call.ts";
import type { Streaming } from "../batching/streaming.ts";
import { asksForJob } from "../jobs/asks-for-job.ts";
import { takeJob } from "../jobs/take-job.ts";
import { describeLimits } from "../limits/call-limits.ts";
import { serverTiming } from "../observing/server-timing.ts";
import type { Visit } from "../observing/visit.ts";
import type { Endpoint } from "../routing/endpoint.ts";
import { countVersion } from "../versions/count-version.ts";
import { codingFor, compress } from "./compress.ts";
import type { Desk } from "./desk.ts";
import { errorResponse } from "./errors.ts";
import { answerHeld } from "./held/answer-held.ts";
import { type Asked, BinaryBody, type Protocol } from "./protocol.ts";

/** A connection that is silent for so long is closed; about as long as the server's own clock can count. */
export const IDLE_SECONDS = 240;

/** How a caller that left before its answer is shown in metrics, log and traces; nobody receives it. */
export const CALLER_GONE = 499;

/**
 * The whole way of one request to a model and back, whatever its protocol; never rejects.
 * One async function, because each further one costs the hot path a promise and a turn of the microtask queue.
 * @param version the model version that the caller insists on
 */
export async function answer<T extends Asked>(
  desk: Desk,
  endpoint: Endpoint,
  request: Request,
  protocol: Protocol<T>,
  version?: string,
): Promise<Response> {
  if (asksForJob(request)) return takeJob(desk, endpoint, request, protocol.writeError, version);
  const visit = desk.watch.begin(request, endpoint);
  let response: Response;
  let status: number;
  let held = 0;
  let binding: Binding | null = null;
  let call: Call | null = null;
  try {
    const pass = letIn(desk, endpoint, request, version);
    visit.pass = pass;
    binding = admit(desk, endpoint, request, version);
    visit.binding = binding;
    held = desk.memory.hold(request, endpoint.maxBodyBytes);
    const body = await readBody(request, endpoint.maxBodyBytes);
    held = desk.memory.correct(held, body.byteLength);
    const asked = protocol.read(body, binding, request.headers);
    call = submit(desk, pass, binding, asked.work, request);
    visit.submitted(call);
    if (!binding.isReady) {
      const waiting = { visit, pass, binding, call, request, body };
      const finish = () => answerOf(desk, waiting, asked, protocol);
      const ended = (code: number) => end(desk, waiting, request.signal.aborted ? CALLER_GONE : code, held);
      return await answerHeld(desk, { ...waiting, finish, ended }, protocol.writeError);
    }
    await call.done;
    settle(desk, pass, call);
    const written = protocol.write(call, asked, endpoint.name);
    response = protocol.compresses
      ? await compressed(desk, visit, call, written)
      : modelResponse(desk, visit, call, written);
    if (pass.limits) describeLimits(pass.limits, desk, request, response.headers);
    status = 200;
  } catch (error) {
    const gone = request.signal.aborted;
    response = errorResponse(gone ? callerGone() : error, protocol.writeError, desk.log, visit);
    status = gone ? CALLER_GONE : response.status;
  }
  desk.memory.release(held);
  desk.watch.end(visit, status);
  if (binding && call) noteVersion(desk, endpoint, binding, call, status);
  return response;
}

interface Waiting {
  visit: Visit;
  pass: Pass;
  binding: Binding;
  call: Call;
}

/** The answer to a call that has ended, for callers that were held. Throws what became of it instead. */
async function answerOf<T extends Asked>(
  desk: Desk,
  { visit, pass, call }: Waiting,
  asked: T,
  protocol: Protocol<T>,
): Promise<Response> {
  settle(desk, pass, call);
  const written = protocol.write(call, asked, visit.endpoint.name);
  const response = protocol.compresses
    ? await compressed(desk, visit, call, written)
    : modelResponse(desk, visit, call, written);
  if (pass.limits) describeLimits(pass.limits, desk, visit.request, response.headers);
  return response;
}

/** The end of a call that was held. @param status of its answer; 202: it goes on as a job, which is counted then */
function end(desk: Desk, { visit, binding, call }: Waiting, status: number, held: number) {
  desk.memory.release(held);
  desk.watch.end(visit, status);
  if (status !== 202) noteVersion(desk, visit.endpoint, binding, call, status);
}

/** Counts a call that has ended for its version, and copies it to the endpoint's shadows. @param status what its caller got */
export function noteVersion(desk: Desk, endpoint: Endpoint, binding: Binding, call: Call, status: number) {
  countVersion(endpoint, binding, call, status, desk.clock.elapsedMs());
  if (endpoint.shadows.length > 0 && status === 200 && !call.stream)
    desk.shadows.mirror(endpoint, binding, call);
}

/** Puts the work before the model. Throws `overloaded`, and `invalid_request` for a time limit that is none. */
export function submit(
  desk: Desk,
  pass: Pass,
  binding: Binding,
  work: Work,
  request: Request,
  stream: Streaming | null = null,
): Call {
  const now = desk.clock.elapsedMs();
  const limitMs = timeLimit(pass.timeoutMs, request.headers, work.timeoutMs);
  const call = new Call(work, request, now, now + limitMs, stream);
  binding.submit(call, pass.endpoint.maxQueue);
  pass.begin(desk.clock);
  desk.open += 1;
  if (pass.timeoutMs >= IDLE_SECONDS * 1000) desk.keepOpen(request);
  return call;
}

/** Counts an ended call once for the bill. Throws unless it was answered with 200. */
function settle(desk: Desk, pass: Pass, call: Call) {
  desk.open -= 1;
  pass.bill(call.status === 200);
  if (call.status !== 200) throw refusalOf(call);
}

/** The answer of a model. */
function modelResponse(desk: Desk, visit: Visit, call: Call, written: Uint8Array | BinaryBody): Response {
  const timing = serverTiming(call, desk.clock.elapsedMs() - visit.startedAt);
  visit.bytesOut = written.byteLength;
  if (written instanceof BinaryBody) {
    const headers = {
      "content-type": "application/octet-stream",
      "inference-header-content-length": String(written.json.byteLength),
      "server-timing": timing,
      "x-request-id": visit.id,
    };
    return new Response(Buffer.concat([written.json, ...written.tail]), { headers });
  }
  return new Response(written as Uint8Array<ArrayBuffer>, {
    headers: { "content-type": "application/json", "server-timing": timing, "x-request-id": visit.id },
  });
}

/** The same, compressed where the caller takes that and it is worth it. The header's length is of what is inside. */
async function compressed(
  desk: Desk,
  visit: Visit,
  call: Call,
  written: Uint8Array | BinaryBody,
): Promise<Response> {
  const plain = modelResponse(desk, visit, call, written);
  const coding = codingFor(visit.request.headers.get("accept-encoding"), written.byteLength);
  if (!coding) return plain;
  const bytes = await compress(coding, await plain.bytes());
  visit.bytesOut = bytes.byteLength;
  const headers = new Headers(plain.headers);
  headers.set("content-encoding", coding);
  headers.set("vary", "accept-encoding");
  return new Response(bytes as Uint8Array<ArrayBuffer>, { headers });
}

/** Why a call was not answered: what became of it, or what the model's process said instead of a result. */
export function refusalOf(call: Call): DomainError {
  if (call.failure) return call.failure;
  const message = messageOf(call.answer);
  if (call.status === 400) return new DomainError("invalid_request", message);
  if (call.status >= 500) return new DomainError("unavailable", message);
  return new DomainError("model_error", message);
}

function messageOf(bytes: Uint8Array): string {
  try {
    const { error } = JSON.parse(new TextDecoder().decode(bytes)) as { error?: unknown };
    if (typeof error === "string") return error;
  } catch {
    // not the agreed form: said below
  }
  return "The model refused this request and did not say why. Its team finds the reason in the session's log.";
}
