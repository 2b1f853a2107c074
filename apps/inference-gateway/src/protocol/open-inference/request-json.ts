import { DomainError } from "@podium/shared";
import { parseExact } from "@podium/shared/tensors/exact-json";

export type Json = Record<string, unknown>;

/** Characters of a caller's own text that a message repeats. */
const LONGEST_QUOTE = 80;
const decoder = new TextDecoder("utf-8", { fatal: true });

/** The bytes as a JSON object, integers exact. Throws `invalid_request`. */
export function readObject(body: Uint8Array): Json {
  let value: unknown;
  try {
    value = parseExact(decoder.decode(body));
  } catch {
    throw invalid("the body is not JSON");
  }
  if (!isObject(value)) throw invalid("the body must be a JSON object");
  return value;
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A caller's text as a message may repeat it: short. */
export function quoted(text: string): string {
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
}

export function invalid(message: string): DomainError {
  return new DomainError("invalid_request", message);
}
