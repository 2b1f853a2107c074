import { asErrorBody } from "./errors.ts";
import { stringifyExact } from "./open-inference/exact-json.ts";
import { invalid, readObject } from "./open-inference/request-json.ts";
import { jsonWork } from "./plain.ts";
import type { Asked, Protocol } from "./protocol.ts";

const START = Buffer.from('{"predictions":');
const END = Buffer.from("}");

/** KServe V1, `POST /v1/models/{model}:predict`: `{instances: [row, …]}` → `{predictions: [prediction, …]}`. */
export const predictV1: Protocol<Asked> = {
  read(body) {
    const { instances } = readObject(body);
    if (!Array.isArray(instances)) throw invalid("instances must be a list of rows");
    return { work: jsonWork(writeRows(instances)) };
  },
  write: (call) => Buffer.concat([START, call.answer, END]),
  writeError: asErrorBody,
};

function writeRows(instances: unknown[]): Uint8Array {
  try {
    return Buffer.from(stringifyExact(instances));
  } catch (error) {
    if (error instanceof RangeError) throw invalid("instances are nested too deeply");
    throw error;
  }
}
