import type { Binding } from "../../batching/binding.ts";
import { readTimeout, withParameters } from "../model-parameters.ts";
import { readParameters } from "../open-inference/read-parameters.ts";
import { invalid, readObject } from "../open-inference/request-json.ts";
import { jsonWork } from "../plain.ts";
import type { Asked } from "../protocol.ts";

export interface GenerateRequest extends Asked {
  /** echoed in the answer */
  id: string | null;
}

/**
 * A generate request: an object with `text_input` and perhaps `id`, `parameters` and more. The model gets it as it came,
 * as one row. Throws `invalid_request`.
 */
export function readGenerate(body: Uint8Array, { signature }: Binding): GenerateRequest {
  const { id = null, text_input: text, parameters } = readObject(body);
  if (typeof text !== "string") throw invalid("text_input must be a text");
  if (id !== null && typeof id !== "string") throw invalid("id must be a text");
  const given = readParameters(parameters, "parameters");
  const timeoutMs = readTimeout(given);
  const work = withParameters(jsonWork(body), given, signature);
  return { id, work: timeoutMs === null ? work : { ...work, timeoutMs } };
}
