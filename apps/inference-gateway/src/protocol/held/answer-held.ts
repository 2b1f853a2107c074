import { DomainError } from "@podium/shared";
import type { Pass } from "../../admission/pass.ts";
import { type Binding, callerGone } from "../../batching/binding.ts";
import type { Call } from "../../batching/call.ts";
import type { Job } from "../../jobs/job.ts";
import { JobRequest } from "../../jobs/job-request.ts";
import { accepted } from "../../jobs/take-job.ts";
import type { Visit } from "../../observing/visit.ts";
import type { Desk } from "../desk.ts";
import { errorResponse, type WriteError } from "../errors.ts";
import { EventStream } from "../generate/event-stream.ts";
import { preferredWaitMs, takesEvents } from "./prefer.ts";

/** A held call: its binding had no replica when it came. */
interface Held {
  visit: Visit;
  pass: Pass;
  binding: Binding;
  call: Call;
  request: Request;
  /** as it was sent */
  body: Uint8Array;
  /** counts the answer, by its status, and lets go of the body */
  ended: (status: number) => void;
  /** the answer once the call has ended; throws what became of it instead */
  finish: () => Promise<Response>;
}

/** A call is given up when no replica has taken it by then: models of many gigabytes load in less. */
const HELD_AT_MOST_MS = 30 * 60_000;
const LOOK_EVERY_MS = 250;
/** Something is said at least this often, so that nothing in between takes the connection for dead. */
const SAY_EVERY_MS = 10_000;

/**
 * The answer to a call that waits for a replica to start; never rejects. Where the binding sleeps, or the caller has said
 * how long it waits, a call that takes longer than that (or than the endpoint's time limit) goes on as a job: 202 and
 * where to ask. A caller that takes server-sent events sees what it waits for.
 */
export async function answerHeld(desk: Desk, held: Held, writeError: WriteError): Promise<Response> {
  const { binding, call, pass, request, visit } = held;
  const preferred = preferredWaitMs(request.headers);
  const waits = preferred !== null || (binding.hold?.sleeps ?? false);
  // A job waits by itself, and is tried again for an hour.
  const mayDefer = waits && !(request instanceof JobRequest) && pass.opens("jobs");
  if (mayDefer) {
    call.patienceMs = pass.timeoutMs;
    call.deadline = call.arrivedAt + HELD_AT_MOST_MS;
  }
  const waitMs = mayDefer ? Math.min(preferred ?? pass.timeoutMs, pass.timeoutMs) : null;
  if (takesEvents(request.headers)) return showProgress(desk, held, writeError, waitMs);
  const job = (await endsWithin(call, waitMs)) ? null : await defer(desk, held);
  const response = job ? accepted(desk.jobs, job) : await answerOrError(desk, held, writeError);
  if (job) response.headers.set("x-request-id", visit.id);
  held.ended(response.status);
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
async function answerOrError(desk: Desk, held: Held, writeError: WriteError): Promise<Response> {
  const { call, finish, visit } = held;
  await call.done;
  try {
    return await finish();
  } catch (error) {
    return errorResponse(call.caller.signal.aborted ? callerGone() : error, writeError, desk.log, visit);
  }
}

/**
 * Makes a job of a call that no replica has taken yet, in its place in the end of the line; null when one has taken it
 * meanwhile, or when there is no room for jobs: then it goes on waiting.
 */
async function defer(desk: Desk, { call, pass, request, body }: Held): Promise<Job | null> {
  if (call.sentAt > 0) return null;
  const job = await desk.jobs.defer(pass, request, body).catch((error: unknown) => {
    if (error instanceof DomainError) return null;
    throw error;
  });
  if (!job) return null;
  // Should a replica have taken it in this very moment, its answer comes to nobody and is not charged.
  call.fail(callerGone());
  desk.open -= 1;
  return job;
}

function progressOf(binding: Binding, call: Call): { state: string; detail: string | null } {
  if (call.sentAt > 0) return { state: "running", detail: null };
  if (binding.isReady || !binding.hold) return { state: "waiting", detail: null };
  return { state: binding.hold.step, detail: binding.hold.detail };
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
  void endsWithin(call, waitMs).then(async (hasEnded) => {
    const job = hasEnded ? null : await defer(desk, held);
    if (job) events.send(JSON.stringify({ id: job.id, location: desk.jobs.pathOf(job) }), "deferred");
    const status = job ? 202 : await sayAnswer(desk, held, events, writeError);
    clearInterval(looking);
    events.close();
    held.visit.bytesOut = events.bytes;
    held.ended(status);
  });
  const headers = {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-request-id": held.visit.id,
  };
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
