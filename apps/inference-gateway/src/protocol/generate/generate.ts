import { asErrorBody } from "../errors.ts";
import type { Protocol } from "../protocol.ts";
import { type GenerateRequest, readGenerate } from "./read-generate.ts";
import { writeGenerated } from "./write-generate.ts";

/** `POST /v2/models/{model}/generate`: the whole text at once. */
export const generate: Protocol<GenerateRequest> = {
  read: readGenerate,
  write: (call, asked, model) => Buffer.from(writeGenerated(call.answer, asked, model, call)),
  writeError: asErrorBody,
};

/** The same of one version: no other may answer. */
export const generateOfVersion: Protocol<GenerateRequest> = {
  ...generate,
  read(body, binding) {
    const asked = readGenerate(body, binding);
    asked.work.pinned = true;
    return asked;
  },
};
