import { DomainError } from "@podium/shared";
import { checkKey } from "../admission/check-key.ts";
import { readBody } from "../admission/read-body.ts";
import { type Binding, noReplica } from "../batching/binding.ts";
import { Call, type Work } from "../batching/call.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Endpoint } from "../routing/endpoint.ts";
import type { Routes } from "../routing/routes.ts";

/** A connection that is silent for so long is closed; as long as the server's own clock can count. */
export const IDLE_SECONDS = 240;

/** What every protocol needs to get an answer from a model. */
export interface Desk {
  readonly routes: Routes;
  readonly clock: Clock;
  readonly log: Log;
  /** true once the gateway stops: nothing new is taken */
  stopping: boolean;
  /** calls admitted and not yet answered */
  open: number;
  /** lets the connection of this request stay silent for as long as its answer takes */
  keepOpen(request: Request): void;
  /** null unless accesses are logged: at debug, never with a body */
  readonly logAccess: ((endpoint: string, status: number, ms: number) => void) | null;
}

/**
 * Lets a request in: a gateway that is not stopping, a valid key, a binding, room in its queue.
 * Throws a `DomainError` otherwise; nothing of the body has been read.
 */
export function admit(desk: Desk, endpoint: Endpoint, request: Request, version?: string): Binding {
  if (desk.stopping) throw stopping();
  checkKey(endpoint, request.headers, () => desk.clock.now().getTime());
  const binding = version === undefined ? desk.routes.choose(endpoint) : versionOf(endpoint, version);
  if (!binding) throw noReplica();
  binding.refuseWhenFull(endpoint.maxQueue);
  return binding;
}

/** The binding of one model version. Throws `not_found`. */
export function versionOf(endpoint: Endpoint, version: string): Binding {
  const binding = endpoint.bindings.find((candidate) => String(candidate.version) === version);
  if (!binding) throw new DomainError("not_found", `Model '${endpoint.name}' has no version '${version}'.`);
  return binding;
}

export function bodyOf(endpoint: Endpoint, request: Request): Promise<Uint8Array> {
  return readBody(request, endpoint.maxBodyBytes);
}

/**
 * Puts the work before the model and waits for its answer, which has status 200. Every call that comes this far is
 * counted once for the bill. Throws `timeout`, `unavailable`, `overloaded`, or what the model said against the input.
 */
export async function ask(
  desk: Desk,
  endpoint: Endpoint,
  binding: Binding,
  work: Work,
  request: Request,
): Promise<Call> {
  const now = desk.clock.elapsedMs();
  const call = new Call(work, request, now, now + endpoint.timeoutMs);
  binding.submit(call, endpoint.maxQueue);
  if (endpoint.timeoutMs >= IDLE_SECONDS * 1000) desk.keepOpen(request);
  desk.open += 1;
  await call.done;
  desk.open -= 1;
  endpoint.bill(call.status === 200);
  if (call.status === 200) return call;
  throw call.failure ?? refusalOf(call);
}

/** What a model's process answered instead of a result. */
function refusalOf(call: Call): DomainError {
  const message = messageOf(call.answer);
  if (call.status === 400) return new DomainError("invalid_request", message);
  if (call.status >= 500) return new DomainError("unavailable", message);
  return new DomainError("model_error", message);
}

function messageOf(answer: Uint8Array): string {
  try {
    const { error } = JSON.parse(new TextDecoder().decode(answer)) as { error?: unknown };
    if (typeof error === "string") return error;
  } catch {
    // not the agreed form: said below
  }
  return "The model refused this request and did not say why. Its team finds the reason in the session's log.";
}

const stopping = () =>
  new DomainError("unavailable", "This gateway is stopping. Send the request again.", {
    retry_after_seconds: 1,
  });
