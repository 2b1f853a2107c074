import { ERROR_STATUS } from "@podium/shared";
import type { Binding } from "../batching/binding.ts";
import type { Call } from "../batching/call.ts";
import type { Endpoint } from "../routing/endpoint.ts";

const FIRST_OF_OURS = 500;

/**
 * Counts an ended call for the version that had it last, or that it waited for. A call that says nothing of the version
 * is left out: one that was refused as wrong, turned away for want of room, or whose caller has gone.
 * @param status what the caller got @param now monotonic milliseconds
 */
export function countVersion(endpoint: Endpoint, chosen: Binding, call: Call, status: number, now: number) {
  const failed = status >= FIRST_OF_OURS || status === ERROR_STATUS.model_error;
  if (status !== 200 && !failed) return;
  const { figures } = versionThatHad(endpoint, chosen, call);
  figures.calls += 1;
  if (failed) figures.errors += 1;
  figures.latency.observe((call.answeredAt || now) - call.arrivedAt);
}

function versionThatHad(endpoint: Endpoint, chosen: Binding, call: Call): Binding {
  if (call.version === chosen.version || call.version === 0) return chosen;
  return endpoint.bindings.find(({ version }) => version === call.version) ?? chosen;
}
