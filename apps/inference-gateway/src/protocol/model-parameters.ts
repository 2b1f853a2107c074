import type { ModelSignature } from "@podium/shared";
import { stringifyExact } from "@podium/shared/tensors/exact-json";
import type { Work } from "../batching/call.ts";
import { invalid, type Json } from "./open-inference/request-json.ts";

/** Parameters about a request's or an answer's way, not for the model. */
const OF_THE_WAY = new Set(["binary_data_output", "binary_data_size", "timeout"]);

/** Whether the model is told its callers' parameters. One that does not say so does not read them. */
export function takesParameters(signature: ModelSignature | null): boolean {
  const told = signature?.parameters ?? "none";
  return told !== "none";
}

/** Whether all rows of a batch must have the same parameters: one that is told those of each row takes any together. */
export function sharesParameters(signature: ModelSignature | null): boolean {
  return signature?.parameters !== "each" && signature?.parameters !== "none";
}

/** The parameters as JSON in the order of their names, integers exact; "" when there is none for the model. */
export function textOf(parameters: Json | null | undefined): string {
  if (!parameters) return "";
  const own = Object.entries(parameters).filter(([name]) => !OF_THE_WAY.has(name));
  if (own.length === 0) return "";
  return stringifyExact(Object.fromEntries(own.sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** The work with its request's parameters, for a model that takes them; in batches of its like. */
export function withParameters(work: Work, parameters: Json | null, signature: ModelSignature | null): Work {
  const text = textOf(parameters);
  if (text === "") return work;
  if (takesParameters(signature)) work.item.parameters = text;
  if (sharesParameters(signature)) work.key += text;
  return work;
}

/** `timeout`, as Triton has it: whole microseconds. In milliseconds; null when it is not given. Throws `invalid_request`. */
export function readTimeout(parameters: Json | null): number | null {
  const value = parameters?.["timeout"] ?? null;
  if (value === null) return null;
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value / 1000;
  throw invalid("parameters.timeout must be a positive whole number of microseconds");
}
