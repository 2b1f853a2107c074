import { DomainError } from "@podium/shared";
import { type Binding, callerGone } from "../../batching/binding.ts";
import type { Call, Caller } from "../../batching/call.ts";
import type { Endpoint } from "../../routing/endpoint.ts";
import type { Desk } from "../desk.ts";
import { errorResponse, type WriteError } from "../errors.ts";
import { EventStream } from "../generate/event-stream.ts";
import type { Deferral } from "./held-jobs.ts";
import { preferredWaitMs, takesEvents } from "./prefer.ts";

/** A held call: its binding had no replica when it came. */
interface Held {
  endpoint: Endpoint;
  binding: Binding;
  call: Call;
  request: Request;
  /** counts the answer, by its status */
  observe: (status: number) => void;
  /** the answer once the call has ended; throws what became of it instead */
  finish: () => Promise<Response>;
}

/** A call is given up when no replica has taken it by then: models of many gigabytes load in less. */
const HELD_AT_MOST_MS = 30 * 60_000;
const LOOK_EVERY_MS = 250;
/** Something is said at least this often, so that nothing in between takes the connection for dead. */
const SAY_EVERY_MS = 10_000;

/** Stands for a caller that asks for the answer later. */
const LATER: Caller = { signal: { aborted: false } };

/**
 * The answer to a call that waits for a replica to start; never rejects. Where the binding sleeps, or the caller has said
 * how long it waits, a call that takes longer than that (or than the endpoint's time limit) goes on as a job: 202 and
 * where to ask. A caller that takes server-sent events sees what it waits for.
 */
export async function answerHeld(desk: Desk, held: Held, writeError: WriteError): Promise<Response> {
  const { endpoint, binding, call, request } = held;
  const preferred = preferredWaitMs(request.headers);
  const mayDefer = preferred !== null || (binding.hold?.sleeps ?? false);
  if (mayDefer) {
    call.patienceMs = endpoint.timeoutMs;
    call.deadline = call.arrivedAt + HELD_AT_MOST_MS;
  }
  const waitMs = mayDefer ? Math.min(preferred ?? endpoint.timeoutMs, endpoint.timeoutMs) : null;
  if (takesEvents(request.headers)) return showProgress(desk, held, writeError, waitMs);
  const ended = await endsWithin(call, waitMs);
  const deferral = ended ? null : defer(desk, held, writeError);
  const response = deferral ? deferredResponse(held, deferral) : await answerOrError(desk, held, writeError);
  held.observe(response.status);
  return response;
}

/** False when the call has not ended after so long. @param waitMs null: as long as it takes */
async function endsWithin(call: Call, waitMs: number | null): Promise<boolean> {
  if (waitMs === null) {
    await call.done;
    return true;
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, waitMs);
  await Promise.race([call.done, promise]);
  clearTimeout(timer);
  return call.settled;
}

/** Waits for the end of the call. */
async function answerOrError(desk: Desk, { call, finish }: Held, writeError: WriteError): Promise<Response> {
  await call.done;
  try {
    return await finish();
  } catch (error) {
    return errorResponse(call.caller.signal.aborted ? callerGone() : error, writeError, desk.log);
  }
}

/** Lets the call go on without its caller; null when there is no room for that. */
function defer(desk: Desk, held: Held, writeError: WriteError): Deferral | null {
  const { endpoint, binding, call } = held;
  const progress = () => progressOf(binding, call);
  const deferral = desk.jobs.defer({ endpointId: endpoint.id, progress }, async () => {
    await call.done;
    desk.open += 1;
    return answerOrError(desk, held, writeError);
  });
  if (!deferral) return null;
  call.caller = LATER;
  // A gateway that stops does not wait for what nobody waits for.
  desk.open -= 1;
  return deferral;
}

function progressOf(binding: Binding, call: Call): { state: string; detail: string | null } {
  if (call.sentAt > 0) return { state: "running", detail: null };
  if (binding.isReady || !binding.hold) return { state: "waiting", detail: null };
  return { state: binding.hold.step, detail: binding.hold.detail };
}

function deferredBody({ binding, call }: Held, { id, location }: Deferral) {
  return { id, ...progressOf(binding, call), location };
}

function deferredResponse(held: Held, deferral: Deferral): Response {
  return Response.json(deferredBody(held, deferral), {
    status: 202,
    headers: { location: deferral.location, "retry-after": "1", "preference-applied": "wait" },
  });
}

/** The answer as server-sent events: `progress` whenever it changes, then `answer`, `error` or `deferred`. */
function showProgress(desk: Desk, held: Held, writeError: WriteError, waitMs: number | null): Response {
  const { binding, call } = held;
  const events = new EventStream(() => call.leave(callerGone()));
  let said = "";
  let saidAt = 0;
  const say = () => {
    const now = desk.clock.elapsedMs();
    const progress = JSON.stringify(progressOf(binding, call));
    if (progress === said && now - saidAt < SAY_EVERY_MS) return;
    said = progress;
    saidAt = now;
    events.send(progress, "progress");
  };
  say();
  const looking = setInterval(say, LOOK_EVERY_MS);
  void endsWithin(call, waitMs).then(async (ended) => {
    clearInterval(looking);
    const deferral = ended ? null : defer(desk, held, writeError);
    const status = deferral ? 202 : await sayAnswer(desk, held, events, writeError);
    if (deferral) events.send(JSON.stringify(deferredBody(held, deferral)), "deferred");
    events.close();
    held.observe(status);
  });
  const headers = { "content-type": "text/event-stream", "cache-control": "no-store" };
  return new Response(events.body, { headers });
}

async function sayAnswer(
  desk: Desk,
  held: Held,
  events: EventStream,
  writeError: WriteError,
): Promise<number> {
  const response = await answerOrError(desk, held, writeError);
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  if (!isJson || response.headers.has("content-encoding")) {
    const refusal = new DomainError(
      "invalid_request",
      "This answer is binary or compressed: ask for it without Accept: text/event-stream.",
    );
    events.send(JSON.stringify(writeError(refusal).body), "error");
    return refusal.status;
  }
  // Line breaks in JSON stand between values only, where a space means the same.
  events.send((await response.text()).replaceAll(/[\r\n]+/g, " "), response.ok ? "answer" : "error");
  return response.status;
}
