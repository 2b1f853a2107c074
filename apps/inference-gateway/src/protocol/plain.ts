import type { Work } from "../batching/call.ts";
import type { Endpoint } from "../routing/endpoint.ts";
import { answering, modelResponse } from "./answer.ts";
import { admit, ask, bodyOf, type Desk } from "./ask.ts";
import { asProblem } from "./errors.ts";

/**
 * `POST /{endpoint}`: any JSON to the model's `infer`, its answer as it comes. Neither is parsed here.
 * The hot path of the gateway.
 */
export function answerPlain(desk: Desk, endpoint: Endpoint, request: Request): Promise<Response> {
  return answering(desk, endpoint, asProblem, async () => {
    const binding = admit(desk, endpoint, request);
    const body = await bodyOf(endpoint, request);
    const call = await ask(desk, endpoint, binding, jsonWork(body), request);
    return modelResponse(call, call.answer);
  });
}

/** Work that passes a JSON body on as it stands. */
export function jsonWork(body: Uint8Array): Work {
  return { item: { kind: "json", length: body.byteLength }, body, rows: 1, key: "json", pinned: false };
}
