import { stringifyExact } from "@podium/shared/tensors/exact-json";
import { asErrorBody } from "./errors.ts";
import { withParameters } from "./model-parameters.ts";
import { readParameters } from "./open-inference/read-parameters.ts";
import { invalid, readObject } from "./open-inference/request-json.ts";
import { jsonWork } from "./plain.ts";
import type { Asked, Protocol } from "./protocol.ts";

const START = Buffer.from('{"predictions":');
const END = Buffer.from("}");
/** Deeper rows are an attack: writing them down takes seconds, and Python can't read them. */
const MAX_DEPTH = 500;

/** KServe V1, `POST /v1/models/{model}:predict`: `{instances: [row, …], parameters?}` → `{predictions: [prediction, …]}`. */
export const predictV1: Protocol<Asked> = {
  read(body, { signature }) {
    const { instances, parameters } = readObject(body);
    if (!Array.isArray(instances)) throw invalid("instances must be a list of rows");
    const work = jsonWork(writeRows(instances), Math.max(1, instances.length));
    return { work: withParameters(work, readParameters(parameters, "parameters"), signature) };
  },
  write: (call) => Buffer.concat([START, call.answer, END]),
  writeError: asErrorBody,
  compresses: true,
};

function writeRows(instances: unknown[]): Uint8Array {
  const kind = survey(instances, MAX_DEPTH);
  if (kind === "too deep") throw invalid(`instances are nested more than ${MAX_DEPTH} deep`);
  return Buffer.from(kind === "wide" ? stringifyExact(instances) : JSON.stringify(instances));
}

/** What writing a value takes: "wide" when it holds integers that only `stringifyExact` writes. */
function survey(value: unknown, depth: number): "plain" | "wide" | "too deep" {
  if (typeof value === "bigint") return "wide";
  if (typeof value !== "object" || value === null) return "plain";
  if (depth === 0) return "too deep";
  let kind: "plain" | "wide" = "plain";
  for (const part of Array.isArray(value) ? value : Object.values(value)) {
    const found = survey(part, depth - 1);
    if (found === "too deep") return found;
    if (found === "wide") kind = found;
  }
  return kind;
}
