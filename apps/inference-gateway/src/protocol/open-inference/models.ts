import { DomainError } from "@podium/shared";
import { versionOf } from "../../admission/admit.ts";
import { chooseBinding } from "../../routing/choose-binding.ts";
import type { Endpoint } from "../../routing/endpoint.ts";

/** `GET /v2`: what this server is and which extensions it speaks. */
export const SERVER = { name: "podium", version: "0.1.0", extensions: ["binary_tensor_data", "generate"] };

/** Metadata of a model, or of one version. Throws `not_found`, or `unavailable` while no replica has told its signature. */
export function describeModel(endpoint: Endpoint, version?: string) {
  const binding = version === undefined ? mainBinding(endpoint) : versionOf(endpoint, version);
  const signature = binding?.signature;
  if (!signature) {
    throw new DomainError(
      "unavailable",
      `Model '${endpoint.name}' has not been loaded yet. Try again shortly.`,
    );
  }
  return {
    name: endpoint.name,
    versions: endpoint.bindings.map((candidate) => String(candidate.version)),
    platform: signature.platform ?? "podium",
    inputs: signature.inputs,
    outputs: signature.outputs,
  };
}

/** True when a call to the model (to the version, if given) would meet a replica now, or wake one. Throws `not_found`. */
export function isModelReady(endpoint: Endpoint, version?: string): boolean {
  if (version !== undefined) return versionOf(endpoint, version).takesCalls;
  return chooseBinding(endpoint.bindings, () => 0)?.takesCalls ?? false;
}

/** The one with the largest share of the traffic. */
export function mainBinding(endpoint: Endpoint) {
  return endpoint.bindings.toSorted((a, b) => b.weight - a.weight)[0];
}
