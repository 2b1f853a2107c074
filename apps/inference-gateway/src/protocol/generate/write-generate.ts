import { DomainError } from "@podium/shared";
import { parseExact, stringifyExact } from "@podium/shared/tensors/exact-json";
import type { Call } from "../../batching/call.ts";
import { isObject, type Json } from "../open-inference/request-json.ts";
import type { GenerateRequest } from "./read-generate.ts";

const decoder = new TextDecoder();

/**
 * The answer to a generate request, or one piece of it, as JSON.
 * @param answered what the model gave, as JSON: a text, or an object with `text_output`, whose other members are passed on
 * Throws `model_error` when it is neither.
 */
export function writeGenerated(
  answered: Uint8Array,
  { id }: GenerateRequest,
  model: string,
  { version }: Call,
): string {
  const output = parseAnswer(answered);
  const named = { ...(id === null ? {} : { id }), model_name: model, model_version: String(version) };
  return stringifyExact({ ...named, ...output });
}

function parseAnswer(bytes: Uint8Array): Json {
  let answer: unknown;
  try {
    answer = parseExact(decoder.decode(bytes));
  } catch {
    // told below: what the model's process sent is no JSON
  }
  if (typeof answer === "string") return { text_output: answer };
  if (isObject(answer) && typeof answer["text_output"] === "string") return answer;
  throw new DomainError(
    "model_error",
    "This model does not generate text: infer has to give a text, or a dict with text_output.",
  );
}
