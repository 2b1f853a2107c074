import { DomainError } from "@podium/shared";
import type { Call } from "../../batching/call.ts";
import { parseExact, stringifyExact } from "./exact-json.ts";
import type { InferRequest } from "./read-infer.ts";

const OPEN_BRACE = 0x7b;
const decoder = new TextDecoder();

/**
 * The protocol's answer around the model's document `{"outputs":[…]}`, which is passed on byte for byte
 * unless only some of the outputs are wanted.
 */
export function writeInfer(call: Call, request: InferRequest, model: string): Uint8Array {
  const outputs = request.outputs ? pickOutputs(call.answer, request.outputs) : call.answer;
  if (outputs[0] !== OPEN_BRACE) throw brokenAnswer();
  const head = {
    model_name: model,
    model_version: String(call.version),
    ...(request.id === null ? {} : { id: request.id }),
  };
  const start = Buffer.from(`${JSON.stringify(head).slice(0, -1)},`);
  return Buffer.concat([start, outputs.subarray(1)]);
}

function pickOutputs(answer: Uint8Array, names: string[]): Uint8Array {
  const { outputs } = parseAnswer(answer);
  const picked = names.map((name) => {
    const output = outputs.find((candidate) => candidate.name === name);
    if (!output) throw new DomainError("model_error", `The model gave no output '${name}'.`);
    return output;
  });
  return Buffer.from(stringifyExact({ outputs: picked }));
}

function parseAnswer(answer: Uint8Array): { outputs: { name: string }[] } {
  try {
    const parsed = parseExact(decoder.decode(answer)) as { outputs?: unknown };
    if (Array.isArray(parsed.outputs)) return { outputs: parsed.outputs as { name: string }[] };
  } catch {
    // answered below: what the model's process sent is not what the protocol says
  }
  throw brokenAnswer();
}

const brokenAnswer = () =>
  new DomainError("model_error", "The model's answer is not a document with outputs.");
