import { asErrorBody } from "../errors.ts";
import type { Protocol } from "../protocol.ts";
import { type InferRequest, invalid, readInfer } from "./read-infer.ts";
import { writeInfer } from "./write-infer.ts";

/** `POST /v2/models/{model}/infer` with tensors in JSON. */
export const infer: Protocol<InferRequest> = {
  read: (body, binding) => readInfer(body, binding.signature),
  write: writeInfer,
  writeError: asErrorBody,
};

/** The same on `/versions/{version}/infer`: no other version may answer. */
export const inferOfVersion: Protocol<InferRequest> = {
  ...infer,
  read(body, binding) {
    const asked = infer.read(body, binding);
    asked.work.pinned = true;
    return asked;
  },
};

/** A binary body, which would be misread as JSON. */
export const refuseBinary: Protocol<InferRequest> = {
  ...infer,
  read() {
    throw invalid("binary tensor data is not supported by this gateway; send data as JSON");
  },
};
