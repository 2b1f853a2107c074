import { DomainError } from "@podium/shared";
import { type Binding, noReplica } from "../batching/binding.ts";
import type { Endpoint } from "../routing/endpoint.ts";
import type { Routes } from "../routing/routes.ts";

interface Door {
  readonly routes: Routes;
  readonly stopping: boolean;
}

/**
 * Finds where the call of a caller who was let in can go: a gateway that is not stopping, a binding, room in its queue.
 * Nothing of the body has been read. Throws a `DomainError` that says what is missing.
 * @param version the model version that the caller insists on
 */
export function admit(door: Door, endpoint: Endpoint, request: Request, version?: string): Binding {
  if (door.stopping) throw stopping();
  const binding =
    version === undefined ? door.routes.choose(endpoint, request.headers) : versionOf(endpoint, version);
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

const stopping = () =>
  new DomainError("unavailable", "This gateway is stopping. Send the request again.", {
    retry_after_seconds: 1,
  });
