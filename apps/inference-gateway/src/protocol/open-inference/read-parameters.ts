import { invalid, isObject, type Json, quoted } from "./request-json.ts";

/** `parameters` of a request or of one of its tensors: texts, numbers and booleans by name. Throws `invalid_request`. */
export function readParameters(given: unknown, where: string): Json | null {
  if (given === undefined || given === null) return null;
  if (!isObject(given)) throw invalid(`${where} must be an object`);
  for (const [name, value] of Object.entries(given)) {
    if (!["string", "number", "boolean", "bigint"].includes(typeof value)) {
      throw invalid(`${where}.${quoted(name)} must be a text, a number or a boolean`);
    }
  }
  return given;
}

/** A parameter that is true or false; null when it is not given. Throws `invalid_request`. */
export function readFlag(parameters: Json | null, name: string, where: string): boolean | null {
  const value = parameters?.[name] ?? null;
  if (value === null || typeof value === "boolean") return value;
  throw invalid(`${where}.${name} must be true or false`);
}

/** Refuses what other servers do by parameters that mean a tensor lies elsewhere, or is another one. */
export function refuseUnknownForms(parameters: Json | null, where: string) {
  if (!parameters) return;
  if ("shared_memory_region" in parameters) {
    throw invalid(`${where}: shared memory is not supported by this gateway; send tensors in the body`);
  }
  if ("classification" in parameters) {
    throw invalid(`${where}: classification is not supported by this gateway; read the tensor itself`);
  }
}
