import { DomainError } from "@podium/shared";
import { admit } from "../admission/admit.ts";
import { readBody } from "../admission/read-body.ts";
import { type Binding, callerGone } from "../batching/binding.ts";
import { Call, type Work } from "../batching/call.ts";
import type { Streaming } from "../batching/streaming.ts";
import type { Endpoint } from "../routing/endpoint.ts";
import { codingFor, compress } from "./compress.ts";
import type { Desk } from "./desk.ts";
import { errorResponse } from "./errors.ts";
import { answerHeld } from "./held/answer-held.ts";
import { type Asked, BinaryBody, type Protocol } from "./protocol.ts";

/** A connection that is silent for so long is closed; about as long as the server's own clock can count. */
export const IDLE_SECONDS = 240;

/** How a caller that left before its answer is shown in the metrics; nobody receives it. */
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
  const { clock } = desk;
  const startedAt = clock.elapsedMs();
  let response: Response;
  let status: number;
  try {
    const binding = admit(desk, endpoint, request, version);
    const body = await readBody(request, endpoint.maxBodyBytes);
    const asked = protocol.read(body, binding, request.headers);
    const call = submit(desk, endpoint, binding, asked.work, request);
    if (!binding.isReady) {
      const finish = () => answerOf(desk, endpoint, call, asked, protocol, request);
      const observed = (code: number) =>
        observe(desk, endpoint, request.signal.aborted ? CALLER_GONE : code, startedAt);
      const held = { endpoint, binding, call, request, finish, observe: observed };
      return await answerHeld(desk, held, protocol.writeError);
    }
    await call.done;
    settle(desk, endpoint, call);
    const written = protocol.write(call, asked, endpoint.name);
    response = protocol.compresses
      ? await compressed(call, written, request.headers.get("accept-encoding"))
      : modelResponse(call, written);
    status = 200;
  } catch (error) {
    const gone = request.signal.aborted;
    response = errorResponse(gone ? callerGone() : error, protocol.writeError, desk.log);
    status = gone ? CALLER_GONE : response.status;
  }
  observe(desk, endpoint, status, startedAt);
  return response;
}

/** The answer to a call that has ended, for callers that were held. Throws what became of it instead. */
async function answerOf<T extends Asked>(
  desk: Desk,
  endpoint: Endpoint,
  call: Call,
  asked: T,
  protocol: Protocol<T>,
  request: Request,
): Promise<Response> {
  settle(desk, endpoint, call);
  const written = protocol.write(call, asked, endpoint.name);
  return protocol.compresses
    ? compressed(call, written, request.headers.get("accept-encoding"))
    : modelResponse(call, written);
}

/** Counts an answer. @param startedAt monotonic milliseconds */
export function observe(desk: Desk, endpoint: Endpoint, status: number, startedAt: number) {
  const ms = desk.clock.elapsedMs() - startedAt;
  endpoint.observe(status, ms / 1000);
  desk.logAccess?.(endpoint.name, status, ms);
}

/** Puts the work before the model. Throws `overloaded`. */
export function submit(
  desk: Desk,
  endpoint: Endpoint,
  binding: Binding,
  work: Work,
  request: Request,
  stream: Streaming | null = null,
): Call {
  const now = desk.clock.elapsedMs();
  const call = new Call(work, request, now, now + endpoint.timeoutMs, stream);
  binding.submit(call, endpoint.maxQueue);
  desk.open += 1;
  if (endpoint.timeoutMs >= IDLE_SECONDS * 1000) desk.keepOpen(request);
  return call;
}

/** Counts an ended call once for the bill. Throws unless it was answered with 200. */
function settle(desk: Desk, endpoint: Endpoint, call: Call) {
  desk.open -= 1;
  endpoint.bill(call.status === 200);
  if (call.status !== 200) throw refusalOf(call);
}

/** The answer of a model; `Server-Timing` says how long it waited and how long the replica took, in ms. */
function modelResponse(call: Call, written: Uint8Array | BinaryBody): Response {
  const queue = tenths(call.sentAt - call.arrivedAt);
  const compute = tenths(call.answeredAt - call.sentAt);
  const timing = `queue;dur=${queue}, compute;dur=${compute}`;
  if (written instanceof BinaryBody) {
    const headers = {
      "content-type": "application/octet-stream",
      "inference-header-content-length": String(written.json.byteLength),
      "server-timing": timing,
    };
    return new Response(Buffer.concat([written.json, ...written.tail]), { headers });
  }
  return new Response(written as Uint8Array<ArrayBuffer>, {
    headers: { "content-type": "application/json", "server-timing": timing },
  });
}

/** The same, compressed where the caller takes that and it is worth it. The header's length is of what is inside. */
async function compressed(
  call: Call,
  written: Uint8Array | BinaryBody,
  accepted: string | null,
): Promise<Response> {
  const plain = modelResponse(call, written);
  const coding = codingFor(accepted, written.byteLength);
  if (!coding) return plain;
  const bytes = await compress(coding, await plain.bytes());
  const headers = new Headers(plain.headers);
  headers.set("content-encoding", coding);
  headers.set("vary", "accept-encoding");
  return new Response(bytes as Uint8Array<ArrayBuffer>, { headers });
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
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
