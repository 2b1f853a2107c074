import type { Work } from "../batching/call.ts";
import { countRows } from "./count-rows.ts";
import { asProblem } from "./errors.ts";
import type { Asked, Protocol } from "./protocol.ts";

/** `POST /{endpoint}`: any JSON to the model's `infer`, its answer as it comes. Neither is parsed here. */
export const plain: Protocol<Asked> = {
  read: (body) => ({ work: jsonWork(body, countRows(body)) }),
  write: (call) => call.answer,
  writeError: asProblem,
};

/** Work that passes a JSON body on as it stands. @param rows that it holds: a list is as many as it has elements */
export function jsonWork(body: Uint8Array, rows = 1): Work {
  return { item: { kind: "json", length: body.byteLength }, body, rows, key: "json", pinned: false };
}
