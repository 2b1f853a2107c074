import type { Work } from "../batching/call.ts";
import { asProblem } from "./errors.ts";
import type { Asked, Protocol } from "./protocol.ts";

/** `POST /{endpoint}`: any JSON to the model's `infer`, its answer as it comes. Neither is parsed here. */
export const plain: Protocol<Asked> = {
  read: (body) => ({ work: jsonWork(body) }),
  write: (call) => call.answer,
  writeError: asProblem,
};

/** Work that passes a JSON body on as it stands. */
export function jsonWork(body: Uint8Array): Work {
  return { item: { kind: "json", length: body.byteLength }, body, rows: 1, key: "json", pinned: false };
}
