import type { Endpoint } from "../../routing/endpoint.ts";
import { answering, modelResponse } from "../answer.ts";
import { admit, ask, bodyOf, type Desk } from "../ask.ts";
import { asErrorBody } from "../errors.ts";
import { invalid, readInfer } from "./read-infer.ts";
import { writeInfer } from "./write-infer.ts";

/** `POST /v2/models/{model}[/versions/{version}]/infer` with tensors in JSON. */
export function answerInfer(
  desk: Desk,
  endpoint: Endpoint,
  request: Request,
  version?: string,
): Promise<Response> {
  return answering(desk, endpoint, asErrorBody, async () => {
    const binding = admit(desk, endpoint, request, version);
    if (request.headers.has("inference-header-content-length")) {
      throw invalid("binary tensor data is not supported by this gateway; send data as JSON");
    }
    const body = await bodyOf(endpoint, request);
    const asked = readInfer(body, binding.signature);
    const pinned = version !== undefined;
    const call = await ask(desk, endpoint, binding, { ...asked.work, pinned }, request);
    return modelResponse(call, writeInfer(endpoint.name, asked, call));
  });
}
