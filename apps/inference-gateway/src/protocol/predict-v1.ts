import type { Endpoint } from "../routing/endpoint.ts";
import { answering, modelResponse } from "./answer.ts";
import { admit, ask, bodyOf, type Desk } from "./ask.ts";
import { asErrorBody } from "./errors.ts";
import { stringifyExact } from "./open-inference/exact-json.ts";
import { invalid, readObject } from "./open-inference/read-infer.ts";
import { jsonWork } from "./plain.ts";

const START = Buffer.from('{"predictions":');
const END = Buffer.from("}");

/** KServe V1, `POST /v1/models/{model}:predict`: `{instances: [row, …]}` → `{predictions: [prediction, …]}`. */
export function answerPredict(desk: Desk, endpoint: Endpoint, request: Request): Promise<Response> {
  return answering(desk, endpoint, asErrorBody, async () => {
    const binding = admit(desk, endpoint, request);
    const { instances } = readObject(await bodyOf(endpoint, request));
    if (!Array.isArray(instances)) throw invalid("instances must be a list of rows");
    const rows = Buffer.from(stringifyExact(instances));
    const call = await ask(desk, endpoint, binding, jsonWork(rows), request);
    return modelResponse(call, Buffer.concat([START, call.answer, END]));
  });
}
