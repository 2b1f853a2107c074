import { asErrorBody } from "../errors.ts";
import type { Protocol } from "../protocol.ts";
import { type InferRequest, readInfer } from "./read-infer.ts";
import { writeInfer } from "./write-infer.ts";

/** `POST /v2/models/{model}/infer`, tensors in JSON or as raw bytes. */
export const infer: Protocol<InferRequest> = {
  read: (body, binding, headers) =>
    readInfer(body, headers.get("inference-header-content-length"), binding.signature),
  write: writeInfer,
  writeError: asErrorBody,
  compresses: true,
};

/** The same on `/versions/{version}/infer`: no other version may answer. */
export const inferOfVersion: Protocol<InferRequest> = {
  ...infer,
  read(body, binding, headers) {
    const asked = infer.read(body, binding, headers);
    asked.work.pinned = true;
    return asked;
  },
};
